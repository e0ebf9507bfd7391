/** What programs say when they do not want to start: there are as many ways as programs, and few things that they are about. */
import type { Finding } from './signature.ts';
import { refusal } from './signatures/stops.ts';
import { HARMLESS } from './signatures/words.ts';

const FAILED = String.raw`(?:cannot|can(?:no|')t|could(?: no|n')t|unable to|fail(?:ed|ure)?(?: to)?|error(?: when)?)`;

/** A port, a file, a right, a module, a variable, an option: something outside of the program that is not as it wants it. */
const ABOUT = new RegExp(
  [
    String.raw`\baddress (?:already )?in use|EADDRINUSE|AddrInUse|${FAILED} (?:bind|listen|create listening)\b`,
    String.raw`no such file or directory|\bENOENT\b|permission denied|operation not permitted|\b(?:EACCES|eacces|EPERM)\b`,
    String.raw`${FAILED} (?:open|opening|load|loading|locate|read|reading|access|parse|parsing|find|upgrade|obtain|initiali[sz]e)\b|\bnot writable\b|\bdoes not exist\b|GemNotFound`,
    String.raw`(?:unknown|unrecognized|unexpected|unsupported|invalid|illegal|bad|duplicate|missing|bungled) ["'(]?(?:\w+ )?(?:config\w*|options?|flags?|arguments?|directives?|settings?|keywords?|parameters?|fields?|keys?|values?|yaml|json|toml|environment|credentials?|passwords?|tokens?|certificates?|licen[cs]es?)\b`,
    String.raw`\b(?:config\w*|options?|yaml|json|toml)\b.{0,80}\b(?:errors?|fail\w*|invalid|not valid|unknown|wrong)\b|\b(?:error|fail\w*|invalid|please)\b.{0,60}\bconfig|ImproperlyConfigured|\berror during parsing\b`,
    String.raw`\.(?:conf|cfg|cnf|ya?ml|toml|ini)"?(?::\d|,? line \d|\(\d)`,
    String.raw`\b(?:is|are|was|were|must be|not) (?:missing|required|set|specified|configured|provided|defined)\b|\bmust (?:install|specify|set|provide|define|not be empty)\b|\benvironment variable\b`,
    String.raw`\bboot failed\b|\b(?:initiali[sz]|compil)ation (?:failed|aborted)\b|\bno (?:readable|valid|usable|suitable|matching) \w|\b(?:parse|syntax) error\b|UnsupportedClassVersion|\b(?:file|directory|path|library|module|class|package|command|host|database|field|option|key)\b.{0,80}\bnot found\b`,
  ].join('|'),
  'i',
);

export const isAbout = (text: string): boolean => ABOUT.test(text);

const LOUD = /\b(?:FATAL|[Ff]atal|CRITICAL|[Cc]ritical|EMERG|emerg)\b|^(?:[\w./-]{1,60}: )?(?:ERROR|[Ee]rror):? /;
/** The guest's own, and not its program's. */
const GUEST = /^(?:\[ *\d+\.\d+\]|\[[A-Z ]+\] |(?:CRIT|ERR|Warn): |tandem: )/;

const LONGEST = 300;
/** Before its end. What is further back has had no consequence. */
const LAST_LINES = 40;

interface Refusal extends Finding {
  readonly evidence: string;
}

const asRefusal = (line: string | undefined): Refusal | undefined =>
  line === undefined ? undefined : { ...refusal(line), evidence: line };

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.slice(0, LONGEST))
    .filter((line) => line !== '' && !GUEST.test(line));

/** Of one that never served, what it said against it last. Of one that served such words would mean little. */
export function aboutIn(text: string): Refusal | undefined {
  return asRefusal(
    linesOf(text)
      .slice(-LAST_LINES)
      .findLast((line) => isAbout(line) && !HARMLESS.test(line)),
  );
}

/** And that it failed, if not what it is about. */
export const refusalIn = (text: string): Refusal | undefined =>
  aboutIn(text) ?? asRefusal(linesOf(text).findLast((line) => LOUD.test(line) && !HARMLESS.test(line)));
