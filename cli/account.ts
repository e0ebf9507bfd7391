/** The operator's view of the control plane, through AWS's own API. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { UsageError } from './command.ts';

const controlPlane = z.object({
  stack: z.string(),
  table: z.string(),
  imagesBucket: z.string(),
  orderFunction: z.string(),
  releaseWorkflow: z.string(),
});

export interface Account {
  readonly controlPlane: z.infer<typeof controlPlane>;
  readonly table: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
}

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Without a config: credentials, region and endpoint as the SDK finds them in the environment. */
export async function openAccount(config?: ClientConfig): Promise<Account> {
  const ssm = new SSMClient(config ?? {});
  try {
    const found = await ssm.send(new GetParameterCommand({ Name: '/tandem/control-plane' }));
    return {
      controlPlane: controlPlane.parse(JSON.parse(found.Parameter?.Value ?? '{}')),
      table: DynamoDBDocumentClient.from(new DynamoDBClient(config ?? {})),
      lambda: new LambdaClient(config ?? {}),
    };
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ParameterNotFound') {
      throw new UsageError(
        'this account and region have no Tandem control plane: run "npx cdk deploy tandem", or set AWS_REGION',
        { cause },
      );
    }
    throw cause;
  }
}
