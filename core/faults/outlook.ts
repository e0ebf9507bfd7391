import { exposureToCapture, oddsOfLinux, sayDuration } from './capture-plan.ts';
import type { Fault } from './fault.ts';
import type { Ledger } from './ledger/ledger.ts';
import { nodesIn, tallyOf } from './ledger/ledger.ts';

/** Less than this is left of the odds: it is not the program alone. */
const UNLIKELY = 0.01;

/** Whether and when the Linux nodes of the release will show the same. Undefined where nothing can be said. */
export function outlookOf(ledger: Ledger, { version, build, crash }: Fault): string | undefined {
  const tally = tallyOf(ledger, version);
  if (!tally || crash.evidence === '') return undefined;
  const alike = ledger.marks.filter(
    (one) => one.version === version && (one.print === crash.fingerprint || (one.key !== '' && one.key === crash.runtimeKey)),
  );
  if (build === 'linux' || alike.some((one) => one.build === 'linux')) return 'it comes on Linux: a debugger can have it there';
  const { unikernel, linux } = tally.hours;
  const times = Math.max(1, alike.length);
  const left = unikernel === 0 ? 1 : oddsOfLinux({ times, among: unikernel }, linux);
  if (left < UNLIKELY)
    return `${times} times in ${Math.round(unikernel)} unikernel node-hours and never in ${Math.round(linux)} on Linux: it is likely the unikernel's own`;
  const nodes = nodesIn(ledger.fleet, (one) => one.version === version && one.build === 'linux');
  if (nodes === 0) return `${version} has no Linux node that could show it`;
  const hours = exposureToCapture({ times, among: unikernel + linux }) / nodes;
  return `if it comes on Linux too, the ${nodes} Linux node(s) show it within ${sayDuration(hours * 3600)}`;
}
