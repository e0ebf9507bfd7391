import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openRuntime } from '../../local/runtime.ts';
import { readText, readWhole, UsageError, type Command, type Io, type OptionValues } from '../command.ts';

const root = path.resolve(import.meta.dirname, '../..');

async function synthesize(services: string, out: string): Promise<void> {
  const child = spawn(process.execPath, ['scripts/synth.ts', '--services', path.resolve(services), '--out', out], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'close');
  if (child.exitCode !== 0) throw new UsageError('the app could not be synthesized; the lines above say why');
}

/** Ends on Ctrl-C or SIGTERM. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

function commands(endpoint: string, region: string): readonly string[] {
  return [
    'In another terminal:',
    '',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    '  npm run example -- 2.0.0 /tmp/hello',
    '  IMAGES=$(aws ssm get-parameter --name /tandem/control-plane --query Parameter.Value --output text | sed \'s/.*"imagesBucket":"\\([^"]*\\)".*/\\1/\')',
    '  aws s3 cp /tmp/hello/linux.raw s3://$IMAGES/hello/2.0.0/linux.raw',
    '  aws s3 cp /tmp/hello/unikernel.raw s3://$IMAGES/hello/2.0.0/unikernel.raw',
    '  aws stepfunctions list-state-machines',
    '  aws ec2 describe-instances --filters Name=tag:tandem:service,Values=hello',
    '  aws elbv2 describe-target-groups',
    '  npm run tandem -- status hello 2.0.0',
    '',
    'Ctrl-C ends it.',
  ];
}

async function serve(assembly: string, options: OptionValues, io: Io): Promise<void> {
  const speed = readWhole(options, 'speed', 1, 600);
  const runtime = await openRuntime({
    assembly,
    mode: 'live',
    speed,
    seed: readWhole(options, 'seed', 0, 2 ** 31),
    port: readWhole(options, 'port', 0, 65_535),
    stateDir: readText(options, 'state'),
  });
  const ended = interrupted();
  try {
    io.emit({ kind: 'ready', endpoint: runtime.endpoint, region: runtime.region });
    io.tell(`The account answers at ${runtime.endpoint} (${runtime.region}); its time runs ${speed} times as fast as yours.`);
    for (const line of commands(runtime.endpoint, runtime.region)) io.tell(line);
    await ended;
  } finally {
    await runtime.stop();
  }
}

export const local: Command = {
  name: 'local',
  summary: 'Run the synthesized app on this machine, over AWS protocols',
  usage: '[--services DIR | --assembly DIR] [--speed N] [--port N]',
  options: {
    services: { type: 'string', help: 'Folder of service files to synthesize', default: 'examples/services' },
    assembly: { type: 'string', help: 'A cdk.out that exists already, instead of --services' },
    speed: { type: 'string', help: 'How many times faster than the wall clock the account runs', default: '1' },
    port: { type: 'string', help: 'Port of the AWS endpoint on 127.0.0.1; 0: any free one', default: '4588' },
    seed: { type: 'string', help: "Seed of the account's chance", default: '1' },
    state: { type: 'string', help: 'Folder that keeps the account between runs' },
  },
  async run(_args, options, io) {
    const assembly = readText(options, 'assembly');
    if (assembly) return serve(path.resolve(assembly), options, io);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tandem-local-'));
    try {
      io.tell('Synthesizing the app ...');
      await synthesize(readText(options, 'services') ?? '', folder);
      await serve(folder, options, io);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
