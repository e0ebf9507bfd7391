/** A process that the kernel has told to be dead says nothing more: who goes on is another one. */
import type { EndFacts } from './fault.ts';
import type { Sign } from './read-signs.ts';
import { readSigns, SIGNATURES, toLine } from './read-signs.ts';

const RUNTIMES = SIGNATURES.filter(({ weight }) => weight === 'runtime');
/** Less may be what its parent says of it. */
const LINES_OF_A_PARENT = 3;
/** And less than this what a machine says on its way. */
const LINES_OF_A_MACHINE = 5;

/** Of our own first process and supervisor, which tell how the program died. */
const OURS = /^tandem: /;

/** Lines of programs; the kernel's bear its clock. */
const programLines = (text: string): number =>
  text.split('\n').filter((line) => line.trim() !== '' && !OURS.test(line) && !toLine(line).isStamped).length;

export function isOutlived(text: string, sign: Sign, { state }: EndFacts): boolean {
  const rest = text.slice(text.indexOf('\n', sign.at) + 1 || text.length);
  if (sign.platform !== 'linux') return false;
  if (sign.weight === 'signal') return state === 'running' && programLines(rest) > LINES_OF_A_MACHINE;
  if (sign.weight !== 'kernel' || sign.key[0] !== 'oom') return false;
  const later = readSigns(rest, RUNTIMES);
  return later !== undefined && programLines(rest.slice(0, later.at)) >= LINES_OF_A_PARENT;
}
