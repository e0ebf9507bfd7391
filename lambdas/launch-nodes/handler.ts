import { launchNodes } from '../../core/fleet/launch-nodes.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { nodePorts, storePorts } from '../shared/ports.ts';
import { launchNodes as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...nodePorts(env) };

export const handler = entry(contract, (input) => launchNodes(ports, input));
