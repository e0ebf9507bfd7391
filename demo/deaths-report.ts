/** The demo's last page, as far as it is about nodes that died. */
import type { DeathOutcome } from './deaths.ts';

const HEAD = ['', 'detected', 'launched', 'healthy', 'failed', 'captured', 'missed'];
const WIDTHS = [12, 18, 18, 18, 14, 10, 8];
const row = (cells: readonly string[]) =>
  `    ${cells.map((cell, index) => cell.padEnd(WIDTHS[index] ?? 10)).join('')}`.trimEnd();

/** What is waited for runs at the demo's speed, what is worked and booted does not: so both clocks are told. */
export function deathLines(deaths: readonly DeathOutcome[], speed: number): readonly string[] {
  if (deaths.length === 0) return [];
  const both = (ms: number) => `${(ms / 1000).toFixed(2)} s (${Math.round((ms * speed) / 1000)} s)`;
  const line = ({ way, detectedMs, launchedMs, healthyMs, failed, sent, fault }: DeathOutcome) =>
    row([
      way,
      ...[detectedMs, launchedMs, healthyMs].map(both),
      `${failed} of ${sent}`,
      ...[fault.captured, fault.missed].map(String),
    ]);
  const told = deaths.flatMap(({ way, fault: { crashClass, fingerprint, summary, escalation, why } }) => [
    `    ${way.padEnd(12)}${crashClass}, ${fingerprint}: ${summary}`,
    ...(escalation === 'replace' ? [] : [`${' '.repeat(16)}led to ${escalation}: ${why}`]),
  ]);
  return [
    '',
    '  nodes that died, from the request that found the bug; in brackets account time, in which code and boots run slowly',
    row(HEAD),
    ...deaths.map(line),
    ...told,
  ];
}
