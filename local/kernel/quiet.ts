import { setImmediate as turn } from 'node:timers/promises';

/** Kinds of Node's own pending work (process.getActiveResourcesInfo) that end by themselves, without time moving on. */
const PENDING =
  /^(Immediate|FSReq|GetAddrInfo|GetNameInfo|FileHandleCloseReq|WriteWrap|ShutdownWrap|TCPConnectWrap|PipeConnectWrap)/;
const QUIET_TURNS = 4;

/** Immediates of calls of `quiet` itself, which must not keep one another waiting. */
let ownTurns = 0;

/**
 * Resolves when this process has nothing left to do but wait for time: several turns of the event loop in a row with
 * no immediate, no file request, and nothing that `busy` knows of (thread pool work such as asynchronous zlib or a
 * native database is invisible to Node's list). Work that waits for the timetable counts as quiet: that is how a
 * virtual clock knows it may move on while a function sleeps.
 */
export async function quiet(busy: () => boolean = () => false): Promise<void> {
  for (let calm = 0; calm < QUIET_TURNS;) {
    ownTurns += 1;
    await turn();
    ownTurns -= 1;
    const pending = process.getActiveResourcesInfo().filter((kind) => PENDING.test(kind)).length;
    calm = busy() || pending > ownTurns ? 0 : calm + 1;
  }
}
