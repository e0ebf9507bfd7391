import { checkNodes } from '../../core/fleet/check-nodes.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { consolePorts, evidenceStore, groupPorts, nodePorts, storePorts } from '../shared/ports.ts';
import { checkNodes as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...nodePorts(env), ...groupPorts(), ...consolePorts(), ...evidenceStore(env) };

export const handler = entry(contract, (input) => checkNodes(ports, input));
