import { shiftTraffic } from '../../core/traffic/shift-traffic.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { groupPorts, storePorts, trafficPorts } from '../shared/ports.ts';
import { shiftTraffic as contract } from './contract.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...groupPorts(), ...trafficPorts(env) };

export const handler = entry(contract, (input) => shiftTraffic(ports, input));
