import { tendReplacement } from '../../core/remediation/tend-replacement.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { groupPorts, nodePorts, storePorts, trafficPorts } from '../shared/ports.ts';
import { tendReplacement as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...nodePorts(env), ...groupPorts(), ...trafficPorts(env) };

export const handler = entry(contract, (input) => tendReplacement(ports, input));
