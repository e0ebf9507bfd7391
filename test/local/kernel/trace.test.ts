import { expect, it } from 'vitest';
import { MemoryTrace, toJsonLine } from '../../../local/kernel/trace.ts';

it('keeps the last entries, counts what it dropped, and tells subscribers until they leave', () => {
  let now = 0;
  const trace = new MemoryTrace(() => now++, 10);
  const heard: number[] = [];
  const leave = trace.subscribe((entry) => heard.push(entry.at));
  for (let i = 0; i < 25; i++) trace.add('ec2', 'launch', { i });
  leave();
  trace.add('ec2', 'stop');
  expect(trace.entries().map((entry) => entry.at)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  expect(trace.dropped).toBe(16);
  expect(heard).toHaveLength(25);
});

it('writes an entry as one line', () => {
  expect(toJsonLine({ at: 1, path: 'ec2', kind: 'launch', data: { id: 'i-1\n' } })).toBe(
    '{"at":1,"path":"ec2","kind":"launch","data":{"id":"i-1\\n"}}\n',
  );
});
