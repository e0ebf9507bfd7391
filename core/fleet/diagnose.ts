/** What a node that never served shows of itself, in words for the release's reason: which kind of image this is. */
import type { ConsoleText } from '../faults/console-text.ts';
import { readConsole } from '../faults/console-text.ts';
import type { Node, NodeHealth } from './fleet.ts';

export interface Signs {
  readonly node: Node;
  readonly health: NodeHealth | undefined;
  /** Undefined where it could not be had. */
  readonly console: Uint8Array | undefined;
}

/** SeaBIOS, and what EC2's and UEFI's firmware say; with nothing to boot they stay, and the instance runs for ever. */
const NOTHING_BOOTS = /no bootable device|boot failed: not a bootable disk|not a bootable disk|no bootable option or device/i;
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
  const text = console && readConsole(console);
  const ended = node.state === 'running' ? undefined : OFF[reasonCode(node)];
  const answered = node.state === 'running' ? BY_CODE[health?.code ?? ''] : undefined;
  const found = (text && onConsole(text)) ?? ended ?? answered;
  return [found, text === undefined ? undefined : lastWords(text)].filter((one) => one !== undefined).join('; ');
}

const reasonCode = ({ stateReason = '' }: Node) => stateReason.split(':')[0] ?? '';

function onConsole({ text, boots }: ConsoleText): string | undefined {
  if (boots >= LOOP) return `it starts again and again: ${boots} starts are on its console`;
  return NOTHING_BOOTS.test(text) ? 'its disk does not boot' : undefined;
}

function lastWords({ text }: ConsoleText): string {
  const line = text
    .replace(UNPRINTABLE, '')
    .replace(OF_EVERY_END, '')
    .split('\n')
    .findLast((one) => one.trim() !== '');
  return line === undefined ? 'its console is empty' : `its console ends "${line.trim().slice(-MOST_QUOTED)}"`;
}

/**
 * What Linux says last whenever it goes off: why is told before. It may come in the middle of that, before what the serial
 * line still had to send.
 */
const OF_EVERY_END =
  /(?:\[ *\d+\.\d+\] )?(?:reboot: (?:Power down|System halted|Restarting system)|ACPI: PM: Preparing to enter system sleep).*\n?/g;

/** Consoles hold whatever was sent, also bytes of no encoding. */
const UNPRINTABLE = /[^\P{C}\n\t]|\uFFFD/gu;
