import { HttpRequests } from '../../adapters/http-requests.ts';
import { probeNodes } from '../../core/probe/probe-nodes.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { parseInput } from '../shared/parse.ts';
import { prober as contract, probeList } from './contract.ts';

const env = readEnv(contract.env);
const probes = parseInput('environment variable PROBES', probeList, JSON.parse(env.PROBES));
const ports = { requests: new HttpRequests(Number(env.PORT), Number(env.TIMEOUT_MS)) };

export const handler = entry(contract, ({ addresses }) => probeNodes(ports, addresses, probes));
