import { retireNodes } from '../../core/fleet/retire-nodes.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { groupPorts, nodePorts, remediationPorts, storePorts } from '../shared/ports.ts';
import { retireNodes as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...nodePorts(env), ...groupPorts(), ...remediationPorts(env) };

export const handler = entry(contract, (input) => retireNodes(ports, input));
