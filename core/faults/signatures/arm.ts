/** The exception syndrome of arm64 (Arm ARM, ESR_ELx.EC), wherever a kernel prints it. */
import type { CrashClass } from '../fault.ts';
import { seek } from '../signature.ts';
import { classOfAccess, sayAccess } from '../signals.ts';

const ESR = /\bESR(?:_EL1)?\b[^0-9a-f]{0,4}(?:0x)?(?<esr>[0-9a-f]{6,16})/i;
const FAR = /\bFAR(?:_EL1)?\b[^0-9a-f]{0,4}(?:0x)?(?<far>[0-9a-f]{1,16})/i;
const ABORTS = [0x20, 0x21, 0x24, 0x25];

export function classOfSyndrome(lines: readonly string[]): { readonly crashClass: CrashClass; readonly words: string } {
  const esr = seek(lines, ESR)?.['esr'];
  if (esr === undefined) return { crashClass: 'kernel-fault', words: 'of unknown cause' };
  const kind = (Number.parseInt(esr.slice(-8), 16) >>> 26) & 0x3f;
  if (ABORTS.includes(kind)) {
    const address = seek(lines, FAR)?.['far'] ?? '1000';
    const crashClass = classOfAccess(address);
    return { crashClass, words: sayAccess(crashClass, address) };
  }
  if (kind === 0x00) return { crashClass: 'illegal-instruction', words: 'undefined instruction' };
  if (kind === 0x2c) return { crashClass: 'arithmetic', words: 'floating point error' };
  return { crashClass: 'kernel-fault', words: `exception class 0x${kind.toString(16)}` };
}
