import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../core/fleet/diagnose.ts';
import type { Node, NodeHealth } from '../../../core/fleet/fleet.ts';
import { T0 } from '../../fakes/fixtures.ts';

const NODE: Node = {
  instanceId: 'i-1',
  state: 'running',
  launchedAt: T0,
  service: 'web',
  version: '2.0.0',
  build: 'linux',
  group: 'canary',
  slot: 'canary-2-1',
};

/** Byte by byte as QEMU's serial port has it: the screen is cleared before the first word. */
const FIRMWARE = '\u001bc\u001b[?7l\u001b[2J\u001b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\nBooting from Hard Disk...\r\n';

const SILENT = 'it runs and nothing answers: its network never came up, or what listens hangs or is too slow';

interface Given {
  readonly node?: Partial<Node>;
  readonly code?: string;
  readonly console?: string;
}

function shown(given: Given): string {
  const health: NodeHealth | undefined =
    given.code === undefined ? undefined : { instanceId: 'i-1', state: 'unhealthy', code: given.code };
  const console = given.console === undefined ? undefined : Buffer.from(given.console, 'latin1');
  return diagnose({ node: { ...NODE, ...given.node }, health, console });
}

describe('a node that never served shows', () => {
  it.each<[string, Given, string]>([
    [
      'a disk of zeros',
      { code: 'Target.Timeout', console: `${FIRMWARE}No bootable device.\r\n` },
      'its disk does not boot; its console ends "No bootable device."',
    ],
    [
      'a disk that is cut off',
      { code: 'Target.Timeout', console: `${FIRMWARE}Loading /vmlinuz...\nBoot error` },
      `${SILENT}; its console ends "Boot error"`,
    ],
    [
      'a guest that goes off',
      { node: { state: 'stopped', stateReason: 'Client.InstanceInitiatedShutdown' }, console: `${FIRMWARE}exit status 1\n` },
      'it powered itself off; its console ends "exit status 1"',
    ],
    [
      'a guest that resets',
      { code: 'Target.Timeout', console: `${FIRMWARE}panic!\n`.repeat(17) },
      'it starts again and again: 17 starts are on its console; its console ends "panic!"',
    ],
    [
      'a service that never listens',
      { code: 'Target.FailedHealthChecks', console: `${FIRMWARE}reading the configuration\n` },
      'its network is up and nothing listens on its port yet, or what does breaks off; its console ends "reading the configuration"',
    ],
    [
      'a service that is ill',
      { code: 'Target.ResponseCodeMismatch', console: 'listening\n' },
      'it answers, but not as a healthy node does; its console ends "listening"',
    ],
    ['a mute service that is slow', { code: 'Target.Timeout', console: '' }, `${SILENT}; its console is empty`],
    ['a host that died', { node: { state: 'stopped', stateReason: 'Server.InternalError' } }, 'what it ran on failed'],
    ['nothing', {}, ''],
  ])('%s', (_what, given, words) => {
    expect(shown(given)).toBe(words);
  });

  it('what was said before the kernel’s words of every end', () => {
    const end = '[    3.977139] ACPI: PM: Preparing to enter system sleep state S5\n[    3.979708] reboot: Power down\n';
    expect(shown({ console: `tandem: boot failed: no root\n${end}` })).toBe('its console ends "tandem: boot failed: no root"');
  });

  it.each([1, 20])('what was said, where the kernel spoke before the last %d letters of it were through', (unsent) => {
    const said = 'tandem: boot failed: the root cannot be read: is the image whole?';
    const [sent, rest] = [said.slice(0, -unsent), said.slice(-unsent)];
    const console = `${sent}[    6.354803] ACPI: PM: Preparing to enter system sleep state S5\n${rest}\n`;
    expect(shown({ console })).toBe(`its console ends "${said}"`);
  });

  it('two starts are no loop', () => {
    expect(shown({ console: FIRMWARE.repeat(2) })).not.toContain('again');
  });

  it('only what can be read of the last line, and its end when it is long', () => {
    const words = shown({ console: `${'x'.repeat(400)}\u0000\u0007\u001b[31mlast\u001b[0m\n\n` });
    expect(words).toMatch(/^its console ends "x{156}last"$/);
  });
});
