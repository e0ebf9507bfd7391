import { unreachable } from '../errors.ts';
import type { StepInput } from '../release/release.ts';
import { type BakePorts, type BakeStep, isFinal } from './bake-step.ts';
import { type CopyInput, copyPiece } from './copy-piece.ts';
import { discardImages } from './discard-images.ts';
import { type RegisterInput, registerImage } from './register-image.ts';
import { type SealInput, sealBake } from './seal-bake.ts';
import { startBake } from './start-bake.ts';

export type BakeInput =
  | (BakeStep & { readonly op: 'start' })
  | (CopyInput & { readonly op: 'copy' })
  | (SealInput & { readonly op: 'seal' })
  | (RegisterInput & { readonly op: 'register' })
  | (StepInput & { readonly op: 'discard' });

export async function bakeImage(ports: BakePorts, input: BakeInput) {
  try {
    return await run(ports, input);
  } catch (cause) {
    // What cannot be removed now (an AMI may hold it) goes when the rollback discards; the cause is what is to be told.
    if (isFinal(cause) && 'snapshotId' in input) await ports.snapshots.remove(input.snapshotId).catch(() => undefined);
    throw cause;
  }
}

function run(ports: BakePorts, input: BakeInput) {
  switch (input.op) {
    case 'start':
      return startBake(ports, input);
    case 'copy':
      return copyPiece(ports, input);
    case 'seal':
      return sealBake(ports, input);
    case 'register':
      return registerImage(ports, input);
    case 'discard':
      return discardImages(ports, input);
    default:
      return unreachable(input);
  }
}
