import { answerDoor } from '../../core/remediation/answer-door.ts';
import { entry } from '../shared/entry.ts';
import { readEnv } from '../shared/env.ts';
import { faultPorts, groupPorts, remediationPorts, storePorts, trafficPorts } from '../shared/ports.ts';
import { door as contract } from './contract.ts';
import { toKnock } from './to-knock.ts';

const env = readEnv(contract.env);
const ports = { ...storePorts(env), ...faultPorts(env), ...remediationPorts(env), ...groupPorts(), ...trafficPorts(env) };

export const handler = entry(contract, (input) => answerDoor(ports, toKnock(input)));
