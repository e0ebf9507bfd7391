/** The same failure has the same class and fingerprint, however its console comes out this time; another one has another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import type { EndFacts } from '../../../core/faults/fault.ts';
import { LINUX_BOOT, nanosSignal } from './consoles-of-guests.ts';
import { GO_PANIC, RUST_PANIC } from './consoles-of-programs.ts';
import { SAMPLES } from './consoles.ts';

const OFF: EndFacts = { state: 'stopped', wasHealthy: true };
const of = (text: string) => classify({ console: new TextEncoder().encode(text), end: OFF });
const told = (text: string) => {
  const { crashClass, fingerprint } = of(text);
  return { crashClass, fingerprint };
};

/** What differs from one run to the next, by what it looks like. */
interface Noise {
  readonly pid: number;
  readonly pages: number;
  readonly seconds: number;
  readonly ending: string;
  readonly noise: string;
}
const noise = fc.record<Noise>({
  pid: fc.integer({ min: 2, max: 32_000 }),
  pages: fc.integer({ min: 1, max: 0xffff }),
  seconds: fc.integer({ min: 0, max: 9 }),
  ending: fc.constantFrom('\n', '\r\n', '\n\r', '\r\r\n'),
  noise: fc.constantFrom('', '\u001b[0m', '\0'),
});

/** Programs move by whole pages; only what is a mapped address of 9 digits or more moves. */
const moved = (text: string, pages: number) =>
  text.replace(
    /\b(0x)?(?=[0-9a-f]*[1-9a-f])(0*)([1-9a-f][0-9a-f]{8,15})\b(?! bytes)/g,
    (_, prefix: string | undefined, zeros: string, digits: string) => {
      const value = BigInt(`0x${digits}`) + BigInt(pages) * 0x1000n;
      return `${prefix ?? ''}${zeros}${value.toString(16)}`;
    },
  );

const another = (text: string, { pid, pages, seconds, ending, noise: between }: Noise) =>
  moved(text, pages)
    .replace(/(?<=[a-z]\[|by tid |PID |process )\d+\b/g, String(pid))
    .replace(/\[ *\d+\.\d+\]/g, `[   1${seconds}.${100_000 + pid}]`)
    .replace(/(?<=len is |index is )\d+/g, String(pid))
    .split('\n')
    .join(`${between}${ending}`);

describe('an end that comes again', () => {
  it.each(SAMPLES)('with other processes, pages, times and line ends has one fingerprint: $name', ({ text }) => {
    const first = told(text);
    fc.assert(
      fc.property(noise, (other) => {
        expect(told(another(text, other))).toEqual(first);
      }),
      { numRuns: 30 },
    );
  });

  it.each(SAMPLES)('is the same where the log around it is another, or is cut short behind it: $name', ({ text }) => {
    const first = told(text);
    const line = fc.constantFrom('GET / 200 12ms\n', 'user 4711 has logged in\n', '[   8.110201] eth0: link up\n', '\n');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.array(line, { maxLength: 3 }), (before, after) => {
        const isWithBoot = /Linux version|Powered by|Solo5: Bindings|OSv v|SeaBIOS/.test(text);
        expect(told(`${isWithBoot ? '' : before.join('')}${text}${after.join('')}GET /ca`)).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });

  it.each(SAMPLES)('is the same where a serial console stamps every line: $name', ({ text }) => {
    const stamped = text.replace(/^(?=.)(?!\[ *\d+\.\d+\])/gm, '[   12.345678] ');
    expect(told(stamped)).toEqual(told(text));
  });

  it('is the same where the kernel writes between the lines of the program', () => {
    const between = (text: string) => text.replaceAll('\n', '\n[   61.310442] random: crng init done\n');
    expect(told(between(GO_PANIC))).toEqual(told(GO_PANIC));
    expect(told(between(RUST_PANIC))).toEqual(told(RUST_PANIC));
  });

  it('is the same with other numbers, addresses and folders in its message', () => {
    const go = (index: number, length: number) => `panic: runtime error: index out of range [${index}] with length ${length}\n`;
    expect(told(go(5, 3))).toEqual(told(go(120, 64)));
    const js = (text: string) => `Error: ${text}\n    at total (/srv/app.js:1:1)\n\nNode.js v24.1.0\n`;
    expect(told(js('no /tmp/a1/cart at 0x7ffd12 for 4711'))).toEqual(told(js('no /var/cart at 0x55aa12ff for 8')));
    const panic = (device: number) =>
      `[ 1.9] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(${device},1)\n`;
    expect(told(panic(259))).toEqual(told(panic(8)));
  });

  it('has its class though its last line is cut short', () => {
    expect(of('*** signal 11 received by ti').crashClass).toBe('segv');
    expect(of('[ 1.1] web[412]: segfault at 0 ip 0000560').crashClass).toBe('null-deref');
    expect(of('panic: runtime error: invalid memory address or nil pointer deref').crashClass).not.toBe('unknown');
    expect(of("thread 'main' panicked at src/cart.rs:31:14:").crashClass).toBe('abort');
    expect(of('Solo5: trap: type=#UD ec=0x0 rip=0x10f').crashClass).toBe('illegal-instruction');
    expect(of('[ 0.1] CRIT: [libkvmplat] Unhandled page fault vaddr=0').crashClass).toBe('null-deref');
  });
});

describe('ends that differ', () => {
  it('have different fingerprints', () => {
    const prints = new Map<string, string[]>();
    for (const { name, text } of SAMPLES) {
      const { fingerprint } = of(text);
      prints.set(fingerprint, [...(prints.get(fingerprint) ?? []), name]);
    }
    const shared = [...prints.values()].filter((names) => names.length > 1).map((names) => names.join(' = '));
    expect(shared.toSorted()).toEqual(SHARED);
  });

  it('differ by the place in the program, the message, and the function', () => {
    expect(told(nanosSignal(11, '0', '40a2c7'))).not.toEqual(told(nanosSignal(11, '0', '40a2d1')));
    expect(told(RUST_PANIC)).not.toEqual(told(RUST_PANIC.replace('cart.rs:31', 'cart.rs:32')));
    expect(told(GO_PANIC)).not.toEqual(told(GO_PANIC.replaceAll('cart', 'till')));
    const js = (why: string, fn: string) => told(`TypeError: ${why}\n    at ${fn} (/srv/app.js:1:1)\n\nNode.js v24.1.0\n`);
    expect(js('no cart', 'total')).not.toEqual(js('no till', 'total'));
    expect(js('no cart', 'total')).not.toEqual(js('no cart', 'sum'));
  });
});

/** Of these no more is told than the kind of failure. */
const SHARED: readonly string[] = [
  'bun = envoy',
  'c++ memory = libc++ memory',
  'glibc assert = musl assert = newlib assert',
  'linux init segv = linux systemd segv = linux fatal signal = linux bad frame',
  'linux init status = linux systemd exit = guest failed',
  'linux oom = linux systemd oom = linux oom of old = linux oom of a group = linux systemd oom of a unit',
  'linux segv = linux gp',
  'linux systemd exec = linux systemd no file',
  'mini-os memory = ocaml minor heap',
  'nanos abort = guest ended = linux fatal abort',
  'nanos null = nanos null member',
  'nanos older abort = unikraft page fault far',
  'nanos segv = nanos bus',
  'solo5 gp = solo5 by date',
  'unikraft crash screen = osv page fault = unikraft register = linux null call',
  'unikraft oom = unikraft oom err',
];

describe('the same bug in both builds', () => {
  const nanos = (text: string) => `[0.1] en1: assigned 10.0.0.4\n${text}`;
  const linux = (text: string, end = '') => `${LINUX_BOOT}${text}${end}`;
  const same = (one: string, other: string) => expect(told(one)).toEqual(told(other));

  it('has one fingerprint by what the runtime says', () => {
    same(nanos(GO_PANIC), linux(GO_PANIC.replaceAll('/build/', '/root/go/'), 'tandem: web: exit status 2\n'));
    same(nanos(RUST_PANIC), linux(RUST_PANIC.replace(' (117)', ''), 'tandem: web: exit status 101\n'));
  });

  it('also where lines of a script have moved, because one build has more in it', () => {
    const js = (line: number, end: string) =>
      `TypeError: no cart\n    at total (/srv/run:${line}:11)\n    at Server.<anonymous> (/srv/run:9:3)\n${end}`;
    same(nanos(js(14, '\nNode.js v24.1.0\n')), linux(js(140, 'tandem: web: exit status 70\n')));
  });

  it('of a C program that asserts, whatever its library and its kernel', () => {
    const asserts = [
      nanos("web: src/cart.c:31: total: Assertion `n > 0' failed.\n") + nanosSignal(6).split('\n').slice(3).join('\n'),
      linux('Assertion failed: n > 0 (/build/cart.c: total: 31)\n', 'tandem: web: exit status 134 (SIGABRT)\n'),
      '[    0.0] CRIT: [appweb] <cart.c @   31> Assertion failure: n > 0\n',
      "Solo5: ABORT: cart.c:31: Assertion `n > 0' failed\n",
    ];
    expect(new Set(asserts.map((text) => of(text).fingerprint)).size).toBe(1);
  });

  it.each([
    ['Python', 'Traceback (most recent call last):\n  File "/srv/a.py", line 9, in total\n    f()\nKeyError: 4711\n', 1],
    ['Node', 'TypeError: no cart\n    at total (/srv/a.js:1:1)\n\nNode.js v24.1.0\n', 1],
    ['Java', 'Exception in thread "main" java.lang.IllegalStateException: no cart\n\tat web.Cart.total(Cart.java:31)\n', 1],
    [
      'Go outside of Go',
      'SIGSEGV: segmentation violation\nPC=0x7f3c9e6 m=3 sigcode=1 addr=0x8\n\ngoroutine 1 [syscall]:\nmain.f()\n\t/a.go:1 +0x1\n',
      2,
    ],
    ['C++', "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no cart\n", 134],
    ['OCaml', 'Fatal error: exception Not_found\nRaised at Cart.total in file "src/cart.ml", line 31, characters 2-8\n', 2],
    ['glog', 'F0301 10:11:12.123456   412 cart.cc:31] Check failed: n > 0 (0 vs. 0)\n', 134],
  ])('of %s, though one kernel adds its dump and the other its status', (_, text, status) => {
    const dump = status === 134 ? nanosSignal(6).split('\n').slice(3).join('\n') : '';
    same(nanos(text) + dump, linux(text, `tandem: web: exit status ${status}\n`));
  });

  it('of C++ whatever its library', () => {
    same(
      nanos("terminate called after throwing an instance of 'std::runtime_error'\n  what():  no cart\n"),
      linux('libc++abi: terminating due to uncaught exception of type std::runtime_error: no cart\n'),
    );
  });

  it('of a C program that dies in one place, by where in its page that is', () => {
    same(
      nanosSignal(11, '0', '40a2c7'),
      linux('[ 9.1] web[412]: segfault at 0 ip 0000560b1c2a92c7 sp 00007ffcc1dd0e40 error 4 in web[560b1c2a9000+4000]\n'),
    );
    same(nanosSignal(6), linux('tandem: web: exit status 134 (SIGABRT)\n'));
  });
});
