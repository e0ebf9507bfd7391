import { releaseNode } from '../../core/remediation/release-node.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { groupPorts, nodePorts, storePorts } from '../shared/ports.ts';
import { releaseNode as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...nodePorts(env), ...groupPorts() };

export const handler = entry(contract, (input) => releaseNode(ports, input));
