import * as z from 'zod';
import { answer, contract, instant } from '../shared/contract.ts';

const text = z.string().min(1);

/** EC2's own event, of any instance of the account; it has no tags. */
const stateChange = z.object({
  source: z.literal('aws.ec2'),
  time: instant,
  detail: z.object({ 'instance-id': text, state: text }),
});

/** CloudWatch's own event; which nodes it is about is asked of the group. */
const alarm = z.object({
  source: z.literal('aws.cloudwatch'),
  time: instant,
  detail: z.object({
    alarmName: text,
    configuration: z.object({
      metrics: z.array(
        z.object({
          metricStat: z.object({ metric: z.object({ dimensions: z.record(z.string(), z.string()).optional() }) }).optional(),
        }),
      ),
    }),
  }),
});

/** A remediation whose replacement failed. */
const replacement = z.strictObject({
  source: z.literal('tandem.remediation'),
  time: instant,
  instanceId: text,
  isHung: z.boolean(),
  why: text,
});

/** A node that serves, and alone is bad. */
const judge = z.strictObject({ source: z.literal('tandem.judge'), time: instant, instanceId: text, why: text });

const operator = z.strictObject({
  source: z.literal('tandem.operator'),
  instanceId: text,
  by: text.max(128),
  why: text.max(500),
});

/** The one way in of everything that says a node has failed. */
export const door = contract({
  name: 'door',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG', 'REMEDIATE_WORKFLOW', 'NOTICES_TOPIC'],
  input: z.discriminatedUnion('source', [stateChange, alarm, replacement, judge, operator]),
  /** The gravest of what became of the nodes it is about. */
  output: z.discriminatedUnion('kind', [answer('condemned'), answer('held'), answer('left'), answer('ignored')]),
});
