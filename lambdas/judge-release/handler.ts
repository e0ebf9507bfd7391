import { judgeRelease } from '../../core/judgement/judge-release.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { faultPorts, groupPorts, metricPorts, storePorts } from '../shared/ports.ts';
import { judgeRelease as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...faultPorts(env), ...metricPorts(), ...groupPorts() };

export const handler = entry(contract, (input) => judgeRelease(ports, input));
