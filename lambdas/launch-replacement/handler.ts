import { launchReplacement } from '../../core/remediation/launch-replacement.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { faultPorts, nodePorts, storePorts } from '../shared/ports.ts';
import { launchReplacement as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...faultPorts(env), ...nodePorts(env) };

export const handler = entry(contract, ({ instanceId, ...step }) =>
  launchReplacement(ports, { ...step, ...(instanceId !== undefined && { instanceId }) }),
);
