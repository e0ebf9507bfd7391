/** What workflows are given and answer, and what all their steps say about the release they work for. */
import { z } from 'zod';
import { build, instant, stepInput } from '../../lambdas/shared/contract.ts';
import { launchPhase } from '../../lambdas/launch-nodes/contract.ts';
import { watchName } from '../../lambdas/judge-release/contract.ts';
import { ENTERED } from './asl.ts';

const run = stepInput.omit({ at: true });

export const bakeInput = run.extend({ build });
export const watchHealthInput = run.extend({ phase: launchPhase, deadline: instant });
export const watchReleaseInput = run.extend({ watch: watchName, since: instant });

const outcome = <const Kind extends string>(kind: Kind) => z.strictObject({ kind: z.literal(kind), why: z.string() });

/** A child answers what its parent decides by; it fails only where it was stopped or Step Functions itself failed. */
export const bakeOutput = z.discriminatedUnion('kind', [outcome('baked'), outcome('failed'), outcome('taken-over')]);
export const watchHealthOutput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('healthy'), why: z.string(), addresses: z.array(z.string()) }),
  outcome('failed'),
  outcome('taken-over'),
]);
/** `again`: the execution's history is full; the parent starts the watch anew, since the same instant. */
export const watchReleaseOutput = z.discriminatedUnion('kind', [
  outcome('pass'),
  outcome('fail'),
  outcome('again'),
  outcome('taken-over'),
]);

export const RUN = { service: '{% $service %}', version: '{% $version %}', fence: '{% $fence %}' } as const;
export const STEP = { ...RUN, at: ENTERED } as const;
export const NAME_THE_RUN = {
  service: '{% $states.input.service %}',
  version: '{% $states.input.version %}',
  fence: '{% $states.input.fence %}',
} as const;

/**
 * One line an operator can read. A function's failure arrives as JSON text with the stack trace; the message is cut out
 * of it, because parsing a text that is no JSON would fail the state that tries to recover.
 */
const CAUSE = '$states.errorOutput.Cause';
const MESSAGE = `$substringBefore($substringBefore($substringAfter(${CAUSE}, '"errorMessage":"'), '","trace"'), '"}')`;
export const WHY = `{% $substring($states.errorOutput.Error & ': ' & $replace(${MESSAGE}, '\\\\"', '"'), 0, 600) %}` as const;
