/**
 * A console as text. What a serial line adds is dropped (escape sequences, NUL, CR), bytes that are no UTF-8 survive as
 * U+FFFD, and what came before the last boot is set apart: it belongs to another life of the machine.
 *
 *   ...│ boot │ ... crash │ boot │ ... crash
 *      └──────before──────┴──────text───────
 */

export interface ConsoleText {
  /** From the last sign of a boot on. */
  readonly text: string;
  /** The boot before that one, or whatever is left of it; '' where there is nothing. */
  readonly before: string;
  /** How often it is seen to boot. */
  readonly boots: number;
}

/** EC2 keeps 64 KB. What is longer has its end read. */
const MOST_BYTES = 131_072;

export function readConsole(bytes: Uint8Array | undefined): ConsoleText {
  const decoded = bytes ? new TextDecoder().decode(bytes.subarray(-MOST_BYTES)) : '';
  return cutLastBoot(clean(decoded));
}

const ESCAPES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[()]\w|[=>78@-Z\\^-~])/g;
/** All but tab and line feed. */
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f\ufeff]/g;

/** Firmware and boot loaders reset the terminal, wherever in a line it was left. */
const TERMINAL_RESET = '\x1bc';

const clean = (text: string): string => text.replaceAll(TERMINAL_RESET, '\n').replace(ESCAPES, '').replace(CONTROLS, '');

/** What a kernel (or the firmware before it) prints once a boot, at the start of a line. */
interface Marker {
  readonly hint: string;
  readonly pattern: RegExp;
}

const MARKERS: readonly Marker[] = [
  { hint: 'Linux version ', pattern: /^(?:<\d>)?(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?)?Linux version \d/ },
  // By its IPv4 address: that of IPv6 is told on another line of the same boot.
  { hint: 'en1: assigned ', pattern: /^(?:\[(?<time>[\d.]+)\] )?en1: assigned \d+\.\d+\./ },
  { hint: 'Powered by', pattern: /^(?:Booting from ROM\.*)?Powered by *$/ },
  { hint: 'Solo5: Bindings version', pattern: /^Solo5: Bindings version/ },
  { hint: 'OSv v', pattern: /^OSv v\d/ },
  { hint: 'SeaBIOS (version', pattern: /^SeaBIOS \(version/ },
  // Our own first process, once a boot: where no firmware is heard and the kernel prints only what goes wrong.
  { hint: 'tandem: address ', pattern: /^tandem: address \d/ },
  { hint: 'UEFI firmware ', pattern: /^UEFI firmware / },
];

function cutLastBoot(text: string): ConsoleText {
  const starts = MARKERS.map((marker) => bootsBy(text, marker));
  const boots = Math.max(...starts.map(({ length }) => length));
  const last = Math.max(0, ...starts.map((found) => found.at(-1) ?? 0));
  const most = starts.find(({ length }) => length === boots) ?? [];
  return { text: text.slice(last), before: text.slice(most.at(-2) ?? 0, last), boots };
}

function bootsBy(text: string, { hint, pattern }: Marker): readonly number[] {
  const starts: number[] = [];
  let clock = Infinity;
  for (const { start, line } of linesWith(text, hint)) {
    const found = pattern.exec(line);
    if (!found) continue;
    const time = Number(found.groups?.['time'] ?? 0);
    // An address that is given again while the clock goes on is no boot.
    if (time <= clock) starts.push(start);
    clock = time;
  }
  return starts;
}

export interface Line {
  /** Where it begins, and where it ends. */
  readonly start: number;
  readonly end: number;
  readonly line: string;
}

/** Nothing that says why somebody died is further to the right. It bounds what any pattern has to do. */
const LONGEST_LINE = 600;

export const lineAt = (text: string, start: number): Line => {
  const found = text.indexOf('\n', start);
  const end = found < 0 ? text.length : found;
  return { start, end, line: text.slice(start, Math.min(end, start + LONGEST_LINE)) };
};

/** Lines that contain a text, in order. */
export function* linesWith(text: string, hint: string): Generator<Line> {
  for (let at = text.indexOf(hint); at >= 0;) {
    const line = lineAt(text, text.lastIndexOf('\n', at - 1) + 1);
    yield line;
    at = text.indexOf(hint, line.end);
  }
}
