/** What is seen of an instance from outside: its console, its screen, EC2's checks; and the interrupt that makes it speak. */
import { DescribeInstanceStatus$, GetConsoleOutput$, GetConsoleScreenshot$, SendDiagnosticInterrupt$ } from '@aws-sdk/client-ec2';
import type {
  DescribeInstanceStatusRequest,
  GetConsoleOutputRequest,
  GetConsoleOutputResult,
  GetConsoleScreenshotRequest,
  GetConsoleScreenshotResult,
  SendDiagnosticInterruptRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { STATE_CODES, toState } from './describe-instances.ts';
import type { Machine } from './drivers/driver.ts';
import { matchesFilters, toPage } from './filters.ts';
import { checkDryRun, getInstance } from './state.ts';
import type { Ec2State, Instance } from './state.ts';

/** Without `Latest`, what was last posted: it may lag the end by twenty minutes and the present by hours. */
export const getConsoleOutput = (ec2: Ec2State): Operation<GetConsoleOutputRequest, GetConsoleOutputResult> => ({
  schema: GetConsoleOutput$,
  run(input) {
    const { id, console } = getInstance(ec2, input.InstanceId ?? '');
    const shown = input.Latest === true ? { at: ec2.world.time.now(), output: console.latest } : console.posted;
    return {
      InstanceId: id,
      Timestamp: new Date(shown?.at ?? ec2.world.time.now()),
      ...(shown && { Output: shown.output.toString('base64') }),
    };
  },
});

function machineOf(ec2: Ec2State, id: string | undefined): { readonly instance: Instance; readonly machine: Machine } {
  const instance = getInstance(ec2, id ?? '');
  const { machine, state } = instance;
  if (state === 'running' && machine !== undefined) return { instance, machine };
  throw new AwsError('IncorrectInstanceState', `The instance '${instance.id}' is not in the 'running' state.`);
}

const unsupported = (what: string, { id }: Instance) =>
  new AwsError(
    'UnsupportedOperation',
    `The instance '${id}' has no ${what}: what runs it here is a child process, and no machine.`,
  );

export const getConsoleScreenshot = (
  ec2: Ec2State,
): Operation<GetConsoleScreenshotRequest, Promise<GetConsoleScreenshotResult>> => ({
  schema: GetConsoleScreenshot$,
  async run(input) {
    const { instance, machine } = machineOf(ec2, input.InstanceId);
    checkDryRun(input);
    const picture = await machine.screenshot?.();
    if (picture === undefined) throw unsupported('screen', instance);
    return { InstanceId: instance.id, ImageData: Buffer.from(picture).toString('base64') };
  },
});

export const sendDiagnosticInterrupt = (ec2: Ec2State): Operation<SendDiagnosticInterruptRequest, Promise<object>> => ({
  schema: SendDiagnosticInterrupt$,
  async run(input) {
    const { instance, machine } = machineOf(ec2, input.InstanceId);
    checkDryRun(input);
    if (machine.diagnose === undefined) throw unsupported('interrupts', instance);
    await machine.diagnose();
    return {};
  },
});

/** EC2's first checks of an instance pass some minutes after it runs. */
const FIRST_CHECK_MS = 120_000;

export const describeInstanceStatus = (ec2: Ec2State): Operation<DescribeInstanceStatusRequest> => ({
  schema: DescribeInstanceStatus$,
  run(input) {
    const named = input.InstanceIds?.map((id) => getInstance(ec2, id));
    const visible = named ?? [...ec2.instances.values()].filter((one) => ec2.faults?.hidesInstance?.(one.id) !== true);
    const shown = visible.filter(
      (instance) =>
        (input.IncludeAllInstances === true || instance.state === 'running') &&
        matchesFilters(input.Filters, fieldsOf(instance), instance.tags),
    );
    const { page, next } = toPage(shown, input);
    return { InstanceStatuses: page.map((instance) => toStatus(ec2, instance)), NextToken: next };
  },
});

const fieldsOf = ({ state, subnet }: Instance) => ({
  'instance-state-name': [state],
  'instance-state-code': [String(STATE_CODES[state])],
  'availability-zone': [subnet.zone],
});

function toStatus(ec2: Ec2State, instance: Instance) {
  const summary = summaryOf(instance, ec2.world.time.now());
  const isImpaired = ec2.faults?.impaired?.(instance.id) === true && summary.Status === 'ok';
  const Code = ec2.faults?.scheduled?.(instance.id);
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.subnet.zone,
    InstanceState: toState(instance.state),
    SystemStatus: summary,
    InstanceStatus: isImpaired ? IMPAIRED : summary,
    AttachedEbsStatus: summary,
    Events: Code === undefined ? [] : [{ Code, InstanceEventId: `instance-event-${instance.id.slice(2)}` }],
  };
}

const IMPAIRED = { Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed' }] };

function summaryOf({ state, runningSince }: Instance, now: number) {
  if (state !== 'running') return { Status: 'not-applicable' };
  const isChecked = runningSince !== undefined && now - runningSince >= FIRST_CHECK_MS;
  return isChecked
    ? { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] }
    : { Status: 'initializing', Details: [{ Name: 'reachability', Status: 'initializing' }] };
}
