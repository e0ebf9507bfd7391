import { captureEvidence } from '../../core/evidence/capture.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { evidencePorts } from '../shared/ports.ts';
import { captureEvidence as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = evidencePorts(env);

export const handler = entry(contract, (input) => captureEvidence(ports, input));
