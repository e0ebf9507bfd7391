/** A small CDK app with the shapes of the real one: a bundle, a JSONata workflow of its function, a rule, a bucket. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import {
  DefinitionBody,
  Pass,
  QueryLanguage,
  StateMachine,
  Succeed,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { build } from 'esbuild';

/** As scripts/build-functions.ts bundles the real functions. */
async function bundle(directory: string): Promise<string> {
  const outdir = join(directory, 'bundle');
  await build({
    entryPoints: [{ in: join(import.meta.dirname, 'ledger-handler.ts'), out: 'index' }],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire as requireOfBundle}from'node:module';const require=requireOfBundle(import.meta.url);" },
    logLevel: 'warning',
  });
  return outdir;
}

/** Bundles and synthesizes into the directory; answers the assembly's. */
export async function synthesizeNarrowApp(directory: string): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const code = await bundle(directory);
  const outdir = join(directory, 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  const stack = new Stack(app, 'narrow');
  const bucket = new Bucket(stack, 'Ledger', { versioned: true, blockPublicAccess: BlockPublicAccess.BLOCK_ALL });
  const ledger = new Function(stack, 'KeepLedger', {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(code),
    timeout: Duration.seconds(30),
    environment: { BUCKET: bucket.bucketName },
  });
  bucket.grantReadWrite(ledger);
  new Rule(stack, 'Announced', {
    eventPattern: { source: ['narrow'] },
    targets: [new LambdaFunction(ledger, { event: RuleTargetInput.fromEventPath('$.detail') })],
  });
  new StateMachine(stack, 'Steps', {
    stateMachineName: 'narrow-steps',
    queryLanguage: QueryLanguage.JSONATA,
    definitionBody: DefinitionBody.fromChainable(steps(stack, ledger.currentVersion)),
    timeout: Duration.hours(1),
  });
  app.synth();
  return outdir;
}

function steps(stack: Stack, ledger: IFunction) {
  const step = (id: string, op: string) => {
    const task = LambdaInvoke.jsonata(stack, id, {
      lambdaFunction: ledger,
      payload: TaskInput.fromObject({ op, name: `{% $name & ' ${op}' %}`, at: '{% $states.context.State.EnteredTime %}' }),
      outputs: '{% $states.result.Payload %}',
      retryOnServiceExceptions: false,
    });
    return task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(2), maxAttempts: 4, backoffRate: 2 });
  };
  return Pass.jsonata(stack, 'Take the name', { assign: { name: '{% $states.input.name %}' } })
    .next(step('Enter the name', 'enter'))
    .next(Wait.jsonata(stack, 'Let it settle', { time: WaitTime.duration(Duration.minutes(5)) }))
    .next(step('Announce it', 'announce'))
    .next(Succeed.jsonata(stack, 'Done'));
}
