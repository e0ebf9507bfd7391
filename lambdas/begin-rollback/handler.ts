import { beginRollback } from '../../core/release/begin-rollback.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { executionPorts, storePorts } from '../shared/ports.ts';
import { beginRollback as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...executionPorts(env) };

export const handler = entry(contract, (input) => beginRollback(ports, input));
