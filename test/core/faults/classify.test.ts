/** What an end is called: by its console first, by how it ended second; and what does not count. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import { CRASH_CLASSES, type Crash, type CrashFacts, type EndFacts } from '../../../core/faults/fault.ts';
import { LINUX_BOOT } from './consoles-of-guests.ts';
import { SAMPLES } from './consoles.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const OFF: EndFacts = { state: 'stopped', stateReason: 'Client.InstanceInitiatedShutdown', wasHealthy: true };
const RUNS: EndFacts = { state: 'running', wasHealthy: true };
const of = (text: string, end: Partial<EndFacts> = {}, rest: Partial<CrashFacts> = {}): Crash =>
  classify({ console: bytes(text), end: { ...OFF, ...end }, ...rest });

describe('a console', () => {
  it.each(SAMPLES)('of $name is $is', ({ text, is }) => {
    const crash = of(text);
    expect(crash.crashClass).toBe(is);
    expect(crash.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(crash.summary.length).toBeGreaterThan(8);
    expect(crash.summary).not.toContain('\n');
    expect(crash.evidence).not.toBe('');
  });

  it('tells whose it is', () => {
    const platforms = SAMPLES.map(({ name, text }) => [name.split(' ')[0], of(text).platform] as const);
    for (const of of ['nanos', 'unikraft', 'solo5', 'osv', 'linux'] as const) {
      const told = platforms.filter(([name]) => name === of).map(([, platform]) => platform);
      expect(new Set(told), of).toEqual(new Set([of]));
    }
  });

  it('knows every class that the end alone does not tell', () => {
    const told = new Set(SAMPLES.map(({ is }) => is));
    expect(CRASH_CLASSES.filter((one) => !told.has(one))).toEqual(['reset-loop', 'unknown']);
  });

  it('of firmware that clears the screen before each start is one of a machine that starts again and again', () => {
    const start = '\u001bc\u001b[?7l\u001b[2J\u001b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\nBooting from Hard Disk...\r\n';
    expect(of(start.repeat(3), RUNS)).toMatchObject({
      crashClass: 'reset-loop',
      summary: expect.stringContaining('3 times') as string,
    });
  });

  it('is read through escape sequences, carriage returns, NULs and bytes that are no UTF-8', () => {
    const plain = of('\n*** signal 11 received by tid 2, errno 0, code 1\n    fault address 0x0\n');
    const line =
      '\u001b[1;31m\0*** sig\u001b[0mnal 11 received\0 by tid 2, errno 0, code 1\r\r\n    fault\u001b(B address 0x0\r\n';
    const noisy = Uint8Array.from([0xff, 0xfe, 0x80, 10, ...bytes(line), 0xc3]);
    expect(classify({ console: noisy, end: OFF })).toMatchObject({ crashClass: 'null-deref', fingerprint: plain.fingerprint });
  });

  it('that is missing or empty leaves the end to be told by how it was found', () => {
    expect(classify({ console: undefined, end: RUNS }).crashClass).toBe('hang');
    expect(of('').crashClass).toBe('unknown');
  });

  it('has its last 64 KB read also where more is given', () => {
    expect(of(`${'x'.repeat(300_000)}\nmemory allocation of 8 bytes failed\n`).crashClass).toBe('oom');
  });
});

describe('only the last boot counts', () => {
  const panic = '[    9.1] Kernel panic - not syncing: Fatal exception\n';

  it('what an earlier one died of is not what this one died of', () => {
    const crash = of(
      `${LINUX_BOOT}${panic}${LINUX_BOOT}[  8.5] traps: web[5] trap divide error ip:5601c4 sp:7f error:0 in web[560000+1000]\n`,
    );
    expect(crash.crashClass).toBe('arithmetic');
  });

  it('one that boots again and says nothing is a reset loop, told with what the boot before died of', () => {
    const crash = of(`${LINUX_BOOT}${panic}${LINUX_BOOT}`, RUNS);
    expect(crash).toMatchObject({ crashClass: 'reset-loop' });
    expect(crash.summary).toBe('it booted 2 times, the last time after: kernel panic: Fatal exception');
  });

  it('one that boots again and again is not told by what it survived', () => {
    const boot = `${LINUX_BOOT}Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n`;
    expect(of(boot.repeat(3)).crashClass).toBe('reset-loop');
    expect(of(boot).crashClass).toBe('nonzero-exit');
  });

  it('silent boots are counted, of every guest', () => {
    const boots = [
      '[0.1] en1: assigned 10.0.0.4\n',
      'Powered by\n',
      'Solo5: Bindings version v0.9.0\n',
      'OSv v0.57.0\n',
      LINUX_BOOT,
      // As QEMU's firmware prints it: it resets the terminal first.
      '\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\nBooting from Hard Disk...\r\n',
      'tandem: address 10.0.2.15\r\n',
    ];
    for (const boot of boots) {
      expect(of(`${boot}serving\n`.repeat(3), RUNS).summary).toBe('it booted 3 times, and does not say why');
      expect(of(`${boot}serving\n`, RUNS).crashClass).toBe('hang');
    }
  });

  it('an address that Nanos is given twice, or of the other family, is no boot', () => {
    const one = '[0.104211] en1: assigned 10.0.3.17\n[0.231] en1: assigned FE80::1\n[3600.2] en1: assigned 10.0.3.17\n';
    expect(of(one, RUNS).crashClass).toBe('hang');
  });
});

describe('what outweighs what', () => {
  it('the runtime explains a signal', () => {
    const text =
      "web: cart.c:31: total: Assertion `n > 0' failed.\n[  5.2] web[412]: segfault at 0 ip 00005601c4 sp 00007ffc error 4 in web[560000+1000]\n";
    expect(of(text).crashClass).toBe('assert');
  });

  it('an exception that was survived does not explain a signal', () => {
    const text =
      'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n\n*** signal 11 received by tid 2, errno 0, code 1\n    fault address 0x7000\n';
    expect(of(text).crashClass).toBe('segv');
  });

  it('a machine that runs has survived the exception it logged, unless the end of its program is told too', () => {
    const traceback = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n';
    expect(of(traceback, RUNS).crashClass).toBe('hang');
    expect(of(`${traceback}tandem: web: exit status 1\n`, RUNS)).toMatchObject({ crashClass: 'nonzero-exit', platform: 'linux' });
    expect(of(traceback).summary).toBe('uncaught KeyError: 1, in f a.py');
  });

  it('a Go program that recovers from a panic has not died of it', () => {
    const text = '2026/03/01 10:11:12 http: panic serving 10.0.0.9:41022: boom\ngoroutine 18 [running]:\n';
    expect(of(text, RUNS).crashClass).toBe('hang');
  });

  it('the first fault of a kernel is the cause of the later ones', () => {
    const text =
      '[ 1.1] BUG: kernel NULL pointer dereference, address: 0000000000000028\n[ 1.1] RIP: 0010:first_one+0x1/0x2\n' +
      '[ 1.2] BUG: unable to handle page fault for address: ffffb1c2\n[ 1.2] RIP: 0010:second_one+0x1/0x2\n';
    expect(of(text).summary).toContain('first_one');
  });
});

describe('an end without words', () => {
  it.each([
    ['hang', { state: 'running' }],
    ['hang', { state: 'running', instanceCheck: 'impaired' }],
    ['boot-failure', { state: 'running', wasHealthy: false }],
    ['boot-failure', { state: 'stopped', wasHealthy: false }],
    ['boot-failure', { state: 'terminated', stateReason: 'Client.InternalError', wasHealthy: false }],
    ['sigterm', { state: 'terminated', stateReason: 'Client.UserInitiatedShutdown' }],
    ['unknown', { state: 'stopped' }],
    ['unknown', { state: 'stopped', stateReason: 'Server.InternalError' }],
  ] as const)('is a %s: %j', (is, end) => {
    expect(of('serving on 8080\n', end).crashClass).toBe(is);
  });

  const nanos = '[0.1] en1: assigned 10.0.0.4\nserving\n';
  it.each([
    ['exit code 1\nserving\n', 'nonzero-exit'],
    ['exit code 0\n', 'clean-exit'],
    ['exit code 15\n   terminate\n', 'sigterm'],
    ['exit code 126\n', 'kernel-fault'],
    ['exit code 127\nassertion a failed at b.c:1\n', 'assert'],
    ['exit code 127\n', 'kernel-panic'],
    ['exit code 11\n', 'nonzero-exit'],
    ['exit code 11\n*** signal 11 received by tid 2, errno 0, code 1\n    fault address 0x0\n', 'null-deref'],
    ['no record\n', 'clean-exit'],
    ['a record that cannot be read\n', 'unknown'],
    [`exit code 1\n${'\ufffd'.repeat(4080)}`, 'nonzero-exit'],
  ] as const)('is told by the record on its disk: %j is %s', (exitRecord, is) => {
    expect(of(nanos, {}, { exitRecord }).crashClass).toBe(is);
  });

  it('is told by its console where that says more than its disk', () => {
    expect(of('memory allocation of 8 bytes failed\n', {}, { exitRecord: 'exit code 6\nserving\n' }).crashClass).toBe('oom');
  });

  it('is not told by a missing record where the system would not leave one', () => {
    expect(of('serving\n', {}, { exitRecord: 'no record\n' }).crashClass).toBe('unknown');
    expect(of(nanos, { state: 'running' }, { exitRecord: 'no record\n' }).crashClass).toBe('hang');
  });
});
