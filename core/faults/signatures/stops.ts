/** Services that did not want to start, that were told to end, or that tell of a signal: in whatever words. */
import { normalize } from '../fingerprint.ts';
import type { Around, Finding, Groups, Signature } from '../signature.ts';
import { signalOf } from '../signals.ts';

/** When, and by which process: in whatever form logs put it before what they say. */
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const STAMP = new RegExp(
  String.raw`^(?:\d+:[A-Z] )?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?[[(]?(?:[\dT/., -]|${MONTH}){0,28}?\d\d:\d\d:\d\d[\d.,]*Z?` +
    String.raw`(?: (?:\d{4}|UTC|GMT|[+-]\d{4}))?[\])]? ?(?:\[ *\d+ *\] )*(?:\{\} )?(?:[#*] )?`,
);

/** What a log says, without its stamps. */
export const bare = (line: string): string => line.replace(STAMP, '').trim().slice(0, 200);

export const refusal = (line: string): Finding => {
  const why = bare(line);
  return {
    crashClass: 'startup-config',
    summary: `it could not start: ${why}`,
    key: ['startup', normalize(why)],
    runtimeKey: `startup|${normalize(why)}`,
  };
};

/** Spring tells it under a heading. */
const readHeaded = (_: Groups, around: Around): Finding =>
  refusal(around.after(6).find((line) => /^[A-Z].*[^:]$/.test(line)) ?? around.line);

/** Some say only that they give up, and on a line near that what it is about. */
const ABOUT = /\bERROR\b|\berror\b|\[1\]: |failure \[1\]|cannot|can't|could not|too low|not found/i;
const readGivingUp = (_: Groups, around: Around): Finding =>
  refusal([...around.after(1), ...around.before(1)].find((line) => ABOUT.test(line)) ?? around.line);

/** What follows is how it takes its leave. More than that, and it has gone on. */
const LEAVE = 16;

/** Where one of its processes died of a signal, the others are told to end for it. */
const DIED = /\b(?:died|crashed|exited|terminated|killed)\b[^\d]{0,30}\bsignal(?:: | |=)(?<signal>\d{1,2})\b/;
const hasDied = (line: string) => signalOf(DIED.exec(line)?.groups?.['signal'] ?? '15').crashClass !== 'sigterm';

function readTold(_: Groups, around: Around): Finding | undefined {
  if (around.after(LEAVE).length === LEAVE || around.before(LEAVE).some(hasDied)) return undefined;
  return {
    crashClass: 'sigterm',
    summary: `it was told to end: ${bare(around.line)}`,
    key: ['told'],
    runtimeKey: 'sigterm|told',
  };
}

/** One of its processes, perhaps. Where an assertion is told near it, that is why. */
function readSignal({ signal = '' }: Groups, around: Around): Finding | undefined {
  const { crashClass, name, words } = signalOf(signal);
  if (crashClass === 'sigterm') return undefined;
  if (name === 'SIGABRT' && [...around.before(6), ...around.after(4)].some((line) => /\bassert/i.test(line))) return undefined;
  return { crashClass, summary: `${words} (${name}): ${bare(around.line)}`, key: [name] };
}

/** No signal is named, and it takes its leave in order: it will have been told to. */
export const LEAVES: readonly Signature[] = [
  {
    ...{ hints: ['raceful', 'hutdown ', 'hutting down complete'], weight: 'word' },
    pattern:
      /\bgraceful(?:ly|\b.{0,20}\b(?:shutdown|stop))|\b(?:shutdown|shutting down) complete|\bshutdown (?:triggered|requested|initiated)\b/i,
    read: readTold,
  },
];

export const STOPS: readonly Signature[] = [
  {
    ...{ hints: ['APPLICATION FAILED TO START'], weight: 'service' },
    pattern: /^APPLICATION FAILED TO START$/,
    read: readHeaded,
  },
  {
    ...{ hints: ['Exiting due to fatal error', 'bootstrap checks failed'], weight: 'service' },
    pattern: /Exiting due to fatal error|bootstrap checks failed/,
    read: readGivingUp,
  },
  {
    ...{ hints: ['Fatal error loading the DB', 'FATAL:  '], weight: 'service' },
    pattern:
      /Fatal error loading the DB|\bFATAL: {2}(?:data directory|configuration file|could not (?:open|create|access|load|map|bind)|lock file|database files are incompatible)/,
    read: (_, { line }) => refusal(line),
  },
  {
    ...{
      hints: [
        'SIGTERM',
        'SIGINT',
        'ignal 15',
        'ignal: 15',
        'ignal is 15',
        'ignal=15',
        'ignal TERM',
        'ignal: term',
        'ignal term',
        'erminated',
        ' shutdown',
        ' SHUTDOWN',
      ],
      weight: 'service',
    },
    pattern:
      /\b(?:received|caught|catching|got|handling)\b[^.]{0,40}\b(?:(?:ENVOY_)?SIG(?:TERM|INT)\b|signal:? ?(?:15\b|term)|(?:smart|fast|immediate) shutdown request|shutdown from user)|\b(?:SIG(?:TERM|INT)|signal 15)\b.{0,30}\b(?:received|caught)\b|\b(?:terminat|stopp|exit|end|quit)\w{0,5}\b.{0,20}\bsignal(?: is |=|: ?)15\b|\buser requested shutdown|\bsignal handled: terminated|\bexited with code 143\b/i,
    read: readTold,
  },
  {
    ...{ hints: [' signal'], weight: 'soft' },
    pattern: DIED,
    read: readSignal,
  },
];
