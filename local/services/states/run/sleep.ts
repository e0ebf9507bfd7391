import type { Visit } from './run.ts';

/** Waits account time, as an entry on the timetable. */
export async function sleep(visit: Visit, ms: number, why: string): Promise<void> {
  await sleepUntil(visit, visit.run.world.time.now() + ms, why);
}

export async function sleepUntil(visit: Visit, instant: number, why: string): Promise<void> {
  const label = `states/${visit.run.facts.name}: '${visit.name}' ${why}`;
  await visit.frame.scope.wait<undefined>((done) => {
    const entry = visit.run.world.time.at(instant, label, () => done(undefined));
    return () => entry.cancel();
  });
}
