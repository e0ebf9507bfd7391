/** What a node that never served shows of itself, in words for the release's reason: which kind of image this is. */
import type { Node, NodeHealth } from './fleet.ts';

export interface Signs {
  readonly node: Node;
  readonly health: NodeHealth | undefined;
  /** Undefined where it could not be had. */
  readonly console: Uint8Array | undefined;
}

/** SeaBIOS, and what EC2's and UEFI's firmware say; with nothing to boot they stay, and the instance runs for ever. */
const NOTHING_BOOTS = /no bootable device|boot failed: not a bootable disk|not a bootable disk|no bootable option or device/i;
/** A start says one of these once: firmware, Linux, Nanos. */
const STARTS = [/^SeaBIOS \(version/gm, /^UEFI firmware /gm, /\bLinux version \d/g, /^en1: assigned /gm];
/** Twice may be an operator's reboot. */
const LOOP = 3;
const MOST_QUOTED = 160;

const OFF: Readonly<Record<string, string>> = {
  'Client.InstanceInitiatedShutdown': 'it powered itself off',
  'Client.UserInitiatedShutdown': 'somebody ended it',
  'Server.InternalError': 'what it ran on failed',
};

const BY_CODE: Readonly<Record<string, string>> = {
  'Target.ResponseCodeMismatch': 'it answers, but not as a healthy node does',
  'Target.Timeout': 'it runs and nothing answers: its network never came up, or what listens hangs or is too slow',
  'Target.FailedHealthChecks': 'its network is up and nothing listens on its port yet, or what does breaks off',
};

/** Empty where nothing shows. */
export function diagnose({ node, health, console }: Signs): string {
  const text = console && toText(console);
  const ended = node.state === 'running' ? undefined : OFF[reasonCode(node)];
  const answered = node.state === 'running' ? BY_CODE[health?.code ?? ''] : undefined;
  const found = onConsole(text ?? '') ?? ended ?? answered;
  return [found, text === undefined ? undefined : lastWords(text)].filter((one) => one !== undefined).join('; ');
}

const reasonCode = ({ stateReason = '' }: Node) => stateReason.split(':')[0] ?? '';

function onConsole(text: string): string | undefined {
  const starts = Math.max(...STARTS.map((start) => [...text.matchAll(start)].length));
  if (starts >= LOOP) return `it starts again and again: ${starts} starts are on its console`;
  return NOTHING_BOOTS.test(text) ? 'its disk does not boot' : undefined;
}

function lastWords(text: string): string {
  const line = text.split('\n').findLast((one) => one.trim() !== '');
  if (line === undefined) return 'its console is empty';
  return `its console ends "${line.trim().slice(-MOST_QUOTED)}"`;
}

/** Consoles hold whatever was sent: escape sequences of firmware, bytes of no encoding, line ends of both kinds. */
const ESCAPES = /\p{Cc}\[[0-9;?]*[A-Za-z]/gu;
const UNPRINTABLE = /[^\P{C}\n\t]|\uFFFD/gu;

const toText = (console: Uint8Array) =>
  new TextDecoder().decode(console).replace(/\r\n?/g, '\n').replace(ESCAPES, '').replace(UNPRINTABLE, '');
