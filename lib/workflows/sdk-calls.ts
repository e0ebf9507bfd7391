/** Operations of AWS that workflows call by themselves, as far as we use them. */
import { z } from 'zod';
import type { Callable } from './steps.ts';

function operation<In extends z.ZodType, Out extends z.ZodType>(name: string, input: In, output: Out): Callable<In, Out> {
  return { kind: 'sdk', id: `arn:aws:states:::aws-sdk:${name}`, timeoutSeconds: 30, input, output };
}

export const getParameter = operation(
  'ssm:getParameter',
  z.strictObject({ Name: z.string().min(1) }),
  z.object({ Parameter: z.object({ Value: z.string() }) }),
);

const tag = z.strictObject({ Key: z.string(), Value: z.string() });

/** As adapters/ec2-nodes.ts makes it. */
export const runInstances = operation(
  'ec2:runInstances',
  z.strictObject({
    LaunchTemplate: z.strictObject({ LaunchTemplateId: z.string(), Version: z.string() }),
    ImageId: z.string(),
    SubnetId: z.string(),
    MinCount: z.literal(1),
    MaxCount: z.literal(1),
    ClientToken: z.string().min(1).max(64),
    TagSpecifications: z.array(z.strictObject({ ResourceType: z.string(), Tags: z.array(tag) })),
    /** EC2 then answers with an error, whatever it would have done. */
    DryRun: z.boolean(),
  }),
  z.object({ Instances: z.array(z.object({ InstanceId: z.string() })) }),
);
