import { describe, expect, it } from 'vitest';
import { Account, INVOKE, jsonata, task } from './world.ts';

const declare =
  (definition: unknown, properties = {}) =>
  () =>
    new Account().declare(definition, 'machine', properties);
const END = { End: { Type: 'Succeed' } };

describe('a state machine of the template', () => {
  it('is known by its ARN and name', () => {
    const account = new Account();
    const make = account.states.service.resources['AWS::StepFunctions::StateMachine']!;
    const properties = {
      DefinitionString: JSON.stringify(jsonata(END)),
      RoleArn: 'role',
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ERROR' },
      TracingConfiguration: { Enabled: true },
      Tags: [],
    };
    const physical = make({ stack: 's', logicalId: 'Release', type: 't', path: 's/Release', properties });
    expect(physical).toMatchObject({
      ref: expect.stringMatching(/^arn:aws:states:eu-central-1:123456789012:stateMachine:Release-[0-9a-f]{12}$/) as string,
      attributes: { Name: expect.stringMatching(/^Release-/) as string },
    });
  });

  it('is refused with a property nobody keeps, or of type EXPRESS', () => {
    expect(declare(jsonata(END), { DefinitionS3Location: {} })).toThrow('DefinitionS3Location');
    expect(declare(jsonata(END), { StateMachineType: 'EXPRESS' })).toThrow('STANDARD');
  });
});

describe('a definition is refused, with the state and the reason,', () => {
  it.each<[string, unknown, string[]]>([
    ['that is not JSON', '{', ['not JSON']],
    ['in JSONPath', { StartAt: 'End', States: END }, ['QueryLanguage', 'JSONata']],
    [
      'with a state in JSONPath',
      jsonata({ End: { Type: 'Succeed', QueryLanguage: 'JSONPath' } }),
      ["state 'End'", 'QueryLanguage'],
    ],
    [
      'with a JSONPath field',
      jsonata({ A: { Type: 'Pass', InputPath: '$', End: true } }),
      ["state 'A'", 'InputPath is JSONPath'],
    ],
    ['with Parameters', jsonata({ A: task('f', { Parameters: {} }) }), ["state 'A'", 'Parameters is JSONPath']],
    ['with an unknown field', jsonata({ A: { Type: 'Pass', Outptu: 1, End: true } }), ["state 'A'", 'Outptu is not known here']],
    ['with heartbeats', jsonata({ A: task('f', { HeartbeatSeconds: 5 }) }), ["state 'A'", 'HeartbeatSeconds']],
    ['with an unknown type', jsonata({ A: { Type: 'Loop', End: true } }), ["state 'A'", 'Type']],
    [
      'with an unknown field of a retrier',
      jsonata({ A: task('f', { Retry: [{ ErrorEquals: ['E'], Attempts: 2 }] }) }),
      ["state 'A'", 'Retry/0', 'Attempts'],
    ],
    ['with an unknown field at its top', jsonata(END, { Foo: 1 }), ['state machine', 'Foo']],
    ['that starts nowhere', { ...jsonata(END), StartAt: 'Gone' }, ["no state 'Gone'"]],
    ['that goes nowhere', jsonata({ A: { Type: 'Pass', Next: 'Gone' } }), ["no state 'Gone'"]],
    [
      'that catches to nowhere',
      jsonata({ A: task('f', { Catch: [{ ErrorEquals: ['E'], Next: 'Gone' }] }) }),
      ["no state 'Gone'"],
    ],
    ['with neither Next nor End', jsonata({ A: { Type: 'Pass' } }), ["state 'A'", 'Next or End']],
    ['with Next and End', jsonata({ A: { Type: 'Pass', Next: 'End', End: true }, ...END }), ["state 'A'", 'Next or End']],
    [
      'with a state nothing leads to',
      jsonata({ End: { Type: 'Succeed' }, Lost: { Type: 'Succeed' } }),
      ['Lost', 'not reachable'],
    ],
    [
      'with two ways to wait',
      jsonata({ A: { Type: 'Wait', Seconds: 1, Timestamp: '2030-01-01T00:00:00Z', End: true } }),
      ["state 'A'", 'Seconds or Timestamp'],
    ],
    ['with a distributed Map', jsonata({ A: map({ ProcessorConfig: { Mode: 'DISTRIBUTED' } }) }), ["state 'A'", 'INLINE']],
    ['with an item reader', jsonata({ A: { ...map({}), ItemReader: {} } }), ["state 'A'", 'ItemReader']],
    [
      'with a resource nobody calls',
      jsonata({ A: { ...task('f'), Resource: 'arn:aws:states:::sqs:sendMessage' } }),
      ["state 'A'", 'sqs:sendMessage'],
    ],
    [
      'with a task token',
      jsonata({ A: { ...task('f'), Resource: `${INVOKE}.waitForTaskToken` } }),
      ["state 'A'", 'waitForTaskToken'],
    ],
    ['with broken JSONata', jsonata({ A: { Type: 'Pass', Output: { x: ['{% 1 + %}'] }, End: true } }), ["state 'A'", "'1 +'"]],
    [
      'with JSONata about a field of nothing',
      jsonata({ A: { Type: 'Pass', Output: '{% 1 + $count(phone) %}', End: true } }),
      ["'phone' at the top level"],
    ],
    [
      'with JSONata about $',
      jsonata({ A: { Type: 'Pass', Output: '{% $exists($.x) ? $$ : 1 %}', End: true } }),
      ["'$' at the top level", "'$$' at the top level"],
    ],
    [
      'with States.ALL among others',
      jsonata({ A: task('f', { Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] }) }),
      ["state 'A'", 'States.ALL'],
    ],
    [
      'with States.ALL before others',
      jsonata({ A: task('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] }) }),
      ["state 'A'", 'last'],
    ],
    ['that assigns $states', jsonata({ A: { Type: 'Pass', Assign: { states: 1 }, End: true } }), ["state 'A'", 'Assign']],
    [
      'that assigns an outer variable inside',
      jsonata({ A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' }, B: inner({ x: 2 }) }),
      ['$x', 'inner scope'],
    ],
    ['with two states of one name', jsonata({ In: { Type: 'Pass', Next: 'B' }, B: inner({}) }), ["two states are named 'In'"]],
    ['whose inner state is wrong', jsonata({ B: inner({}, { Result: 1 }) }), ["state 'In'", 'Result is JSONPath']],
  ])('%s', (_, definition, words) => {
    for (const word of words) expect(declare(definition)).toThrow(word);
    expect(declare(definition)).toThrow('s/machine');
  });

  function map(processor: object) {
    return { Type: 'Map', ItemProcessor: { ...processor, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, End: true };
  }

  function inner(Assign: object, more = {}) {
    return {
      Type: 'Parallel',
      Branches: [{ StartAt: 'In', States: { In: { Type: 'Pass', Assign, End: true, ...more } } }],
      End: true,
    };
  }
});

describe('a definition is taken', () => {
  it('with everything JSONata states may have', () => {
    const definition = jsonata(
      {
        Call: task('f', {
          Comment: 'why',
          TimeoutSeconds: '{% $states.input.t %}',
          Assign: { a: 1 },
          Output: [
            1,
            {
              b: '{% (\n  $x := 1;\n  $x\n) %}',
              c: '{% $map($states.input.l[id = 2].(a & b)^(c), function($v) { $v.d })[e > 1] %}',
            },
          ],
          Retry: [
            {
              ErrorEquals: ['E'],
              IntervalSeconds: 1,
              MaxAttempts: 2,
              BackoffRate: 1.5,
              MaxDelaySeconds: 9,
              JitterStrategy: 'NONE',
            },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Stop', Assign: { b: 2 }, Output: null }],
          Next: 'Output',
        }),
        Output: {
          Type: 'Choice',
          Choices: [{ Condition: true, Next: 'Done' }],
          Default: 'Stop',
          Comment: 'a state named as a field',
        },
        Done: { Type: 'Succeed', Output: 5 },
        Stop: { Type: 'Fail', Error: '{% "E" %}' },
      },
      { Comment: 'top', TimeoutSeconds: 5, Version: '1.0' },
    );
    expect(declare(definition)).not.toThrow();
  });
});
