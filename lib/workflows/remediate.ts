import { ENTERED, type Catcher, type Definition, type Jsonata, type States, type Workflow } from './asl.ts';
import type { RemediationFunctions } from './callables.ts';
import { BRIEFLY, OF_A_RELEASE, WITHIN_A_MINUTE } from './retry.ts';
import { WHY } from './runs.ts';
import { runInstances } from './sdk-calls.ts';
import { call, chooseKind, waitSeconds } from './steps.ts';
import { REMEDIATE_SECONDS } from './timeouts.ts';

/** Both branches need it before any state could assign it to variables: nothing may come before the launch. */
const given = (name: string): Jsonata => `{% $states.context.Execution.Input.${name} %}`;
const STEP = { service: given('service'), slot: given('slot'), faultId: given('faultId'), at: ENTERED } as const;

const ends = (done: string): States => ({
  [done]: { Type: 'Succeed', Output: { kind: 'done', why: 'there is nothing left to do' } },
});
const A_MINUTE = 60;

/**
 * Kill and replace. The launch call is the first thing it does: it comes with the input. Beside it the evidence is taken;
 * neither waits for the other. When the node is gone and all evidence is in, its slot forgets it.
 */
export function remediateWorkflow(functions: RemediationFunctions): Workflow {
  return {
    Comment: 'Replaces a failed node, and keeps what it died of',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: REMEDIATE_SECONDS,
    StartAt: 'Replace and look',
    States: {
      'Replace and look': {
        Type: 'Parallel',
        Branches: [replace(functions), look(functions)],
        Assign: { parts: '{% $states.result %}' },
        Next: 'Are both done?',
      },
      'Are both done?': {
        Type: 'Choice',
        Choices: [
          {
            Condition: "{% 'failed' in $parts.kind %}",
            Assign: { cause: "{% $parts[kind='failed'][0].why %}" },
            Next: 'Left to the sweep',
          },
        ],
        Default: 'Conclude',
      },
      Conclude: call(functions.recordFault, { ...STEP, isFinal: true }, { next: 'Remediated', retry: OF_A_RELEASE, catch: [] }),
      Remediated: { Type: 'Succeed' },
      'Left to the sweep': { Type: 'Fail', Error: 'RemediationIncomplete', Cause: '{% $cause %}' },
    },
  };
}

/**
 * Its other half may take half an hour, in which the sweep leaves both alone: so what fails here is begun again here. The
 * function that launches says where things stand.
 */
const BEGIN_AGAIN: readonly Catcher[] = [{ ErrorEquals: ['States.ALL'], Next: 'Begin again in a minute' }];

function replace(functions: RemediationFunctions): Definition {
  const manner = { retry: OF_A_RELEASE, catch: BEGIN_AGAIN } as const;
  const { launchReplacement } = functions;
  return {
    StartAt: 'Launch replacement',
    States: {
      'Launch replacement': launch(),
      'Record replacement': call(
        launchReplacement,
        { ...STEP, instanceId: '{% $replacement %}' },
        { as: 'launch', next: 'Is there a replacement?', ...manner },
      ),
      'Launch elsewhere': call(launchReplacement, { ...STEP }, { as: 'launch', next: 'Is there a replacement?', ...manner }),
      'Is there a replacement?': chooseKind(
        { of: launchReplacement, variable: 'launch' },
        { launched: 'Tend replacement', moved: 'Replaced', wait: 'Wait for capacity' },
      ),
      'Wait for capacity': waitSeconds('launch', 'Launch elsewhere'),
      'Begin again in a minute': { Type: 'Wait', Seconds: A_MINUTE, Next: 'Launch elsewhere' },
      ...tend(functions),
      ...ends('Replaced'),
    },
  };
}

/** EC2's errors all have one name here (AWS: Ec2.Ec2Exception), and the next step asks again with the same token anyway. */
const launch = () =>
  call(
    runInstances,
    {
      LaunchTemplate: given('launch.LaunchTemplate'),
      ImageId: given('launch.ImageId'),
      SubnetId: given('launch.SubnetId'),
      MinCount: 1,
      MaxCount: 1,
      ClientToken: given('launch.ClientToken'),
      TagSpecifications: given('launch.TagSpecifications'),
      DryRun: given('launch.DryRun'),
    },
    {
      assign: { replacement: '{% $states.result.Instances[0].InstanceId %}' },
      next: 'Record replacement',
      retry: [],
      catch: [{ ErrorEquals: ['States.ALL'], Next: 'Launch elsewhere' }],
    },
  );

function tend({ tendReplacement, door }: RemediationFunctions): States {
  const manner = { retry: OF_A_RELEASE, catch: BEGIN_AGAIN } as const;
  return {
    'Tend replacement': call(tendReplacement, { ...STEP }, { as: 'tended', next: 'Does it serve?', ...manner }),
    'Does it serve?': chooseKind(
      { of: tendReplacement, variable: 'tended' },
      { healthy: 'Replaced', moved: 'Replaced', wait: 'Wait for the replacement', failed: 'Back off' },
    ),
    'Wait for the replacement': waitSeconds('tended', 'Tend replacement'),
    'Back off': waitSeconds('tended', 'Replace the replacement'),
    'Replace the replacement': call(
      door,
      {
        source: 'tandem.remediation',
        time: ENTERED,
        instanceId: '{% $tended.instanceId %}',
        isHung: '{% $tended.isHung %}',
        why: '{% $tended.why %}',
      },
      { as: 'knocked', next: 'Is it let in?', ...manner },
    ),
    'Is it let in?': chooseKind(
      { of: door, variable: 'knocked' },
      { condemned: 'Replaced', left: 'Replaced', ignored: 'Replaced', held: 'Wait for the budget' },
    ),
    // It stays this remediation's as long as this one runs, and may be well after all.
    'Wait for the budget': { Type: 'Wait', Seconds: A_MINUTE, Next: 'Tend replacement' },
  };
}

const ASK_AGAIN_SECONDS = 20;

function look(functions: RemediationFunctions): Definition {
  // What it leaves is done by the next execution, which the sweep starts when the other half is done too.
  const left = [{ ErrorEquals: ['States.ALL'], Assign: { why: WHY }, Next: 'Not looked at' }] as const;
  const manner = { retry: OF_A_RELEASE, catch: left } as const;
  const { recordFault, releaseNode } = functions;
  // What cannot be recorded now is decided when the node is gone, or at the end: a node that hangs is not kept for it.
  const undecided = { recorded: { kind: 'wait', seconds: ASK_AGAIN_SECONDS } } as const;
  const onward = {
    retry: BRIEFLY,
    catch: [{ ErrorEquals: ['States.ALL'], Assign: undecided, Next: 'Release the node' }],
  } as const;
  const late = { retry: OF_A_RELEASE, catch: [{ ErrorEquals: ['States.ALL'], Next: 'Capture what comes late' }] } as const;
  const after = { gone: 'Is it decided?', keep: 'Is it decided?' } as const;
  const decided = { recorded: 'Capture what comes late', over: 'Capture what comes late' } as const;
  return {
    StartAt: 'Capture evidence',
    States: {
      ...capture(functions, { name: 'Capture evidence', until: 'early', deadline: 'earlyDeadline', next: 'Record fault' }),
      'Record fault': call(recordFault, { ...STEP, isFinal: false }, { as: 'recorded', next: 'Release the node', ...onward }),
      'Release the node': call(releaseNode, { ...STEP, isFinal: false }, { as: 'released', next: 'Is it gone?', ...manner }),
      'Is it gone?': chooseKind({ of: releaseNode, variable: 'released' }, { ...after, wait: 'Wait for the node' }),
      'Wait for the node': waitSeconds('released', 'Release the node'),
      'Is it decided?': chooseKind({ of: recordFault, variable: 'recorded' }, { ...decided, wait: 'Wait for others' }),
      'Wait for others': waitSeconds('recorded', 'Decide'),
      Decide: call(recordFault, { ...STEP, isFinal: false }, { as: 'recorded', next: 'Is it decided?', ...late }),
      ...capture(functions, {
        name: 'Capture what comes late',
        until: 'late',
        deadline: 'lateDeadline',
        next: 'Release what was kept',
      }),
      'Release what was kept': call(
        releaseNode,
        { ...STEP, isFinal: true },
        { as: 'released', next: 'Is what was kept gone?', ...manner },
      ),
      'Is what was kept gone?': chooseKind(
        { of: releaseNode, variable: 'released' },
        { gone: 'Looked at', keep: 'Looked at', wait: 'Wait for what was kept' },
      ),
      'Wait for what was kept': waitSeconds('released', 'Release what was kept'),
      ...ends('Looked at'),
      'Not looked at': { Type: 'Succeed', Output: { kind: 'failed', why: '{% $why %}' } },
    },
  };
}

interface Capture {
  readonly name: string;
  readonly until: 'early' | 'late';
  readonly deadline: 'earlyDeadline' | 'lateDeadline';
  readonly next: string;
}

/** Evidence that cannot be taken keeps nobody from going on. */
function capture({ captureEvidence }: RemediationFunctions, { name, until, deadline, next }: Capture): States {
  const variable = `${until}Capture`;
  const [asked, wait] = [`Is it captured: ${until}?`, `Wait for evidence: ${until}`];
  const retry = until === 'early' ? WITHIN_A_MINUTE : OF_A_RELEASE;
  return {
    [name]: call(
      captureEvidence,
      {
        ...{ service: given('service'), faultId: given('faultId'), node: given('node'), until },
        ...{ since: given('since'), deadline: given(deadline), isHung: given('isHung'), isSampled: given('isSampled') },
      },
      { as: variable, next: asked, retry, catch: [{ ErrorEquals: ['States.ALL'], Next: next }] },
    ),
    [asked]: chooseKind({ of: captureEvidence, variable }, { captured: next, wait }),
    [wait]: waitSeconds(variable, name),
  };
}
