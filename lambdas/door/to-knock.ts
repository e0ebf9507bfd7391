import type { z } from 'zod';
import type { Knock } from '../../core/remediation/answer-door.ts';
import type { door } from './contract.ts';

/** AWS's events and ours, in the words of the domain. */
export function toKnock(input: z.output<typeof door.input>): Knock {
  switch (input.source) {
    case 'aws.ec2': {
      const { 'instance-id': instanceId, state } = input.detail;
      return { kind: 'ended', instanceId, at: input.time, why: `EC2 says that it is ${state}` };
    }
    case 'aws.cloudwatch': {
      const { alarmName, configuration } = input.detail;
      const groups = configuration.metrics.flatMap(({ metricStat }) => metricStat?.metric.dimensions?.['TargetGroup'] ?? []);
      return { kind: 'alarm', targetGroups: groups, at: input.time, why: `alarm ${alarmName}` };
    }
    case 'tandem.remediation':
      return { kind: 'replacement', instanceId: input.instanceId, at: input.time, isHung: input.isHung, why: input.why };
    case 'tandem.judge':
      return { kind: 'judged', instanceId: input.instanceId, at: input.time, why: input.why };
    case 'tandem.operator':
      return { kind: 'order', instanceId: input.instanceId, why: `ordered by ${input.by}: ${input.why}` };
  }
}
