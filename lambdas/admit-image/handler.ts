import { admitImage } from '../../core/release/admit-image.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { executionPorts, noticePorts, sourcePorts, storePorts } from '../shared/ports.ts';
import { admitImage as contract } from './contract.ts';

const env = readEnv(contract.env);
const { source: images, hashing } = sourcePorts(env);
const ports = { ...storePorts(env), ...executionPorts(env), ...noticePorts(env), images, hashing };

export const handler = entry(contract, (input) => admitImage(ports, input));
