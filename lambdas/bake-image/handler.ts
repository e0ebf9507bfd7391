import { bakeImage } from '../../core/image/bake-image.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { digestPorts, imagePorts, sourcePorts, storePorts } from '../shared/ports.ts';
import { bakeImage as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...sourcePorts(env), ...imagePorts(env), ...digestPorts(env) };

export const handler = entry(contract, (input) => bakeImage(ports, input));
