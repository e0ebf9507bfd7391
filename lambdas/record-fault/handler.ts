import { recordFault } from '../../core/remediation/record-fault.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { evidenceStore, executionPorts, faultPorts, storePorts } from '../shared/ports.ts';
import { recordFault as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...faultPorts(env), ...executionPorts(env), ...evidenceStore(env) };

export const handler = entry(contract, (input) => recordFault(ports, input));
