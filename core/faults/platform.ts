import type { Platform } from './fault.ts';

const MARKS: readonly (readonly [RegExp, Platform])[] = [
  [/^Solo5: /m, 'solo5'],
  [/^OSv v\d|^\[backtrace\]$/m, 'osv'],
  [/Unikraft|^(?:Booting from ROM\.*)?Powered by *$|\b(?:CRIT|ERR|Info|Warn): +(?:<\w+> )?\[(?:lib|app)\w+\]/m, 'unikraft'],
  [/^(?:\[[\d.]+\] )?en\d: assigned |^(?:loaded klibs|lastvector): /m, 'nanos'],
  [/Linux version \d|systemd\[1\]|^tandem: |^\[ +\d+\.\d+\] /m, 'linux'],
];

/** Whose console it is, where what it died of does not say so. */
export const platformOf = (text: string): Platform => MARKS.find(([pattern]) => pattern.test(text))?.[1] ?? 'unknown';
