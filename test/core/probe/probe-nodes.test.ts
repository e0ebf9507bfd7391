import { describe, expect, it } from 'vitest';
import { probeNodes } from '../../../core/probe/probe-nodes.ts';

const probes = [
  { path: '/', status: 200 },
  { path: '/gone', status: 404 },
];
const answering = (answers: Readonly<Record<string, number>>) => ({
  requests: {
    get: (address: string, path: string) =>
      Promise.resolve(address + path in answers ? { status: answers[address + path]! } : { why: 'no answer within 2000 ms' }),
  },
});

describe('probeNodes', () => {
  it('passes when every node answers every probe with its status', async () => {
    const ports = answering({ '10.0.0.1/': 200, '10.0.0.1/gone': 404, '10.0.0.2/': 200, '10.0.0.2/gone': 404 });
    expect(await probeNodes(ports, ['10.0.0.1', '10.0.0.2'], probes)).toEqual({
      kind: 'passed',
      why: '2 probe(s) on 2 node(s) answered as wanted',
    });
  });

  it('fails with address, path, what was wanted and what came', async () => {
    const ports = answering({ '10.0.0.1/': 503, '10.0.0.1/gone': 404, '10.0.0.2/gone': 404 });
    expect(await probeNodes(ports, ['10.0.0.1', '10.0.0.2'], probes)).toEqual({
      kind: 'failed',
      why: 'GET / on 10.0.0.1 answered 503, wanted 200; GET / on 10.0.0.2 gave no answer (no answer within 2000 ms), wanted 200',
    });
  });

  it('tells five failures and counts the rest', async () => {
    const addresses = Array.from({ length: 4 }, (_, n) => `10.0.0.${n}`);
    const { why } = await probeNodes(answering({}), addresses, probes);
    expect(why.split('; ')).toHaveLength(6);
    expect(why).toMatch(/and 3 more$/);
  });
});
