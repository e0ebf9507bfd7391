import { insistOnAll, sweep } from '../../core/sweep/sweep.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import {
  checkPorts,
  executionPorts,
  faultPorts,
  groupPorts,
  imagePorts,
  nodePorts,
  noticePorts,
  remediationPorts,
  storePorts,
  trafficPorts,
} from '../shared/ports.ts';
import { sweep as contract } from './contract.ts';

const env = readEnv(contract.env);
const stores = { ...storePorts(env), ...executionPorts(env), ...noticePorts(env) };
const faults = { ...faultPorts(env), ...remediationPorts(env), ...checkPorts() };
const ports = { ...stores, ...faults, ...nodePorts(env), ...groupPorts(), ...trafficPorts(env), ...imagePorts(env) };

export const handler = entry(contract, async (input) => insistOnAll(await sweep(ports, input)));
