import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAssembly } from '../../../local/assembly/read-assembly.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { DeclaredResource } from '../../../local/kernel/service.ts';
import { MemoryTrace } from '../../../local/kernel/trace.ts';
import { declareAssembly } from '../../../local/runtime/declare.ts';

let directory: string;
let made: DeclaredResource[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'declare-'));
  made = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Stacks by name; each depends on those before it. */
function declare(stacks: Record<string, unknown>) {
  const names = Object.keys(stacks);
  for (const [name, template] of Object.entries(stacks)) writeFileSync(join(directory, `${name}.json`), JSON.stringify(template));
  const artifacts = Object.fromEntries(
    names.map((name, index) => [
      name,
      { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.json` }, dependencies: names.slice(0, index) },
    ]),
  );
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts }));
  const make = (resource: DeclaredResource) => {
    made.push(resource);
    return { ref: `ref-${resource.logicalId}`, attributes: { Arn: `arn-${resource.logicalId}` } };
  };
  return declareAssembly(readAssembly(directory), {
    world: {
      time: new VirtualClock(),
      random: createRandom(1),
      trace: new MemoryTrace(() => 0),
      account: { id: '1', region: 'eu-west-1', partition: 'aws', zones: ['eu-west-1a'], endpoint: '' },
    },
    services: [{ name: 'x', operations: {}, resources: { 'X::Y::Thing': make }, gaps: [] }],
    readParameter: async (name) => (name === '/known' ? 'from ssm' : undefined),
  });
}

const thing = (properties: unknown, more: object = {}) => ({ Type: 'X::Y::Thing', Properties: properties, ...more });

describe('declaring an assembly', () => {
  it('makes each resource after what it refers to, with all names resolved', async () => {
    await declare({
      one: { Resources: { B: thing({ a: { 'Fn::GetAtt': ['A', 'Arn'] }, stack: { Ref: 'AWS::StackName' } }), A: thing({}) } },
    });
    expect(made.map(({ logicalId, properties }) => [logicalId, properties])).toEqual([
      ['A', {}],
      ['B', { a: 'arn-A', stack: 'one' }],
    ]);
  });

  it('hands one stack what another exports', async () => {
    await declare({
      one: {
        Resources: { A: thing({}) },
        Outputs: { Out: { Value: { Ref: 'A' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}-A' } } } },
      },
      two: { Resources: { B: thing({ a: { 'Fn::ImportValue': 'one-A' } }) } },
    });
    expect(made[1]!.properties).toEqual({ a: 'ref-A' });
  });

  it('reads SSM parameters that templates name', async () => {
    await declare({
      one: {
        Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/known' } },
        Resources: { A: thing({ a: { Ref: 'P' }, b: 'x {{resolve:ssm:/known:1}}' }) },
      },
    });
    expect(made[0]!.properties).toEqual({ a: 'from ssm', b: 'x from ssm' });
  });

  it("asks for no bootstrap version, which only CloudFormation's own rule reads", async () => {
    const Parameters = {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
    };
    await expect(declare({ one: { Parameters, Resources: { A: thing({}) } } })).resolves.toHaveLength(1);
  });

  it('leaves out what a condition rules out, and what means nothing here', async () => {
    const Conditions = { No: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'mars'] } };
    const Metadata = { Type: 'AWS::CDK::Metadata', Properties: {} };
    await declare({ one: { Conditions, Resources: { A: thing({}, { Condition: 'No' }), B: thing({}), Metadata } } });
    expect(made.map(({ logicalId }) => logicalId)).toEqual(['B']);
  });

  it('refuses every type it cannot make before it makes anything, with id, path and what would be needed', async () => {
    const Pipe = { Type: 'AWS::Pipes::Pipe', Metadata: { 'aws:cdk:path': 'one/Flow/Pipe' } };
    const declared = declare({ one: { Resources: { A: thing({}), Pipe } } });
    await expect(declared).rejects.toThrow(/AWS::Pipes::Pipe {2}Pipe in stack one \(one\/Flow\/Pipe\)/);
    await expect(declared).rejects.toThrow('needs a maker in local/services');
    expect(made).toEqual([]);
  });

  it.each([
    [{ a: { 'Fn::GetAtt': ['A', 'Url'] } }, 'A.Url is not known locally (known: Arn)'],
    [{ a: { Ref: 'Nobody' } }, 'there is no resource or parameter Nobody'],
    [{ a: { 'Fn::ImportValue': 'elsewhere' } }, 'no stack before this one exports elsewhere'],
    [{ a: '{{resolve:ssm:/unknown}}' }, 'there is no SSM parameter /unknown'],
  ])('names what cannot be resolved: %j', async (properties, message) => {
    await expect(declare({ one: { Resources: { A: thing({}), B: thing(properties) } } })).rejects.toThrow(message);
  });
});
