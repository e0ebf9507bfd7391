import { recordStage } from '../../core/release/record-stage.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { executionPorts, noticePorts, quotaPorts, storePorts } from '../shared/ports.ts';
import { recordStage as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...executionPorts(env), ...noticePorts(env), ...quotaPorts(env) };

export const handler = entry(contract, (input) => recordStage(ports, input));
