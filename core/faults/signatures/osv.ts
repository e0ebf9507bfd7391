/** OSv. Its assertions are printed as musl prints them: they are read with the C library's. */
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { classOfAccess, sayAccess } from '../signals.ts';

const platform = 'osv' as const;
const FRAME = /^0x[0-9a-f]{8,16} <(?<sym>[^>+]+)(?:\+\d+)?>/;
const MOST_FRAMES = 5;

/** The first frames are those of the one who prints them. */
const framesOf = (around: Around) =>
  around
    .after(40)
    .flatMap((line) => FRAME.exec(line)?.groups?.['sym'] ?? [])
    .filter((symbol) => !/abort|assert|page_fault|ex_pf|osv::/.test(symbol))
    .slice(0, MOST_FRAMES);

function readAccess({ address = '' }: Groups, around: Around): Finding {
  const crashClass = classOfAccess(address);
  return { crashClass, summary: sayAccess(crashClass, address), key: [...framesOf(around)] };
}

export const OSV: readonly Signature[] = [
  {
    ...{ hints: ['Out of memory: could not reclaim'], weight: 'kernel', platform },
    pattern: /^Out of memory: could not reclaim any further/,
    read: () => ({ crashClass: 'oom', summary: 'there is no memory left to reclaim', key: ['oom', 'reclaim'] }),
  },
  {
    ...{ hints: ['page fault outside application'], weight: 'kernel', platform },
    pattern: /^page fault outside application, addr: 0x(?<address>[0-9a-f]+)/,
    read: readAccess,
  },
  {
    ...{ hints: ['trying to execute null pointer'], weight: 'kernel', platform },
    pattern: /^trying to execute null pointer/,
    read: (_, around) => ({
      crashClass: 'null-deref',
      summary: 'it called a null pointer',
      key: ['null call', ...framesOf(around)],
    }),
  },
  {
    ...{ hints: ['general protection fault'], weight: 'kernel', platform },
    pattern: /^general protection fault$/,
    read: (_, around) => ({ crashClass: 'segv', summary: 'general protection fault', key: ['gpf', ...framesOf(around)] }),
  },
  {
    ...{ hints: ['[backtrace]'], weight: 'soft', platform },
    pattern: /^\[backtrace\]$/,
    read: (_, around) => ({ crashClass: 'abort', summary: 'it aborted itself', key: ['abort', ...framesOf(around)] }),
  },
];
