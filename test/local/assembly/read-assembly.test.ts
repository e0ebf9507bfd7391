import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assetPath, readAssembly } from '../../../local/assembly/read-assembly.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assembly-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const put = (file: string, content: unknown) => writeFileSync(join(directory, file), JSON.stringify(content));
const stack = (id: string, dependencies: string[] = []) => ({
  type: 'aws:cloudformation:stack',
  properties: { templateFile: `${id}.json` },
  dependencies,
});

describe('reading a cloud assembly', () => {
  it('puts stacks after the stacks they depend on, also through an asset manifest', () => {
    put('manifest.json', {
      artifacts: {
        web: stack('web', ['web.assets']),
        'web.assets': { type: 'cdk:asset-manifest', properties: { file: 'web.assets.json' }, dependencies: ['tandem'] },
        tandem: { ...stack('tandem'), properties: { templateFile: 'tandem.json', stackName: 'control' } },
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
      },
    });
    put('web.assets.json', { files: { abc123: { source: { path: 'asset.abc123', packaging: 'zip' }, destinations: {} } } });
    put('web.json', { Resources: {} });
    put('tandem.json', { Resources: {} });
    expect(readAssembly(directory).stacks.map(({ name }) => name)).toEqual(['control', 'web']);
  });

  it('orders resources by reference, attribute, substitution and DependsOn, otherwise as the template has them', () => {
    put('manifest.json', { artifacts: { web: stack('web') } });
    put('web.json', {
      Resources: {
        F: { Type: 'T', Properties: { a: { 'Fn::Sub': ['${E.Arn} ${own}', { own: { Ref: 'D' } }] } } },
        A: { Type: 'T', Properties: { x: [{ deep: { Ref: 'B' } }] } },
        B: { Type: 'T', Properties: { x: { 'Fn::GetAtt': ['C', 'Arn'] } } },
        C: { Type: 'T', DependsOn: ['D'] },
        D: { Type: 'T' },
        E: { Type: 'T', DependsOn: 'A', Metadata: { 'aws:cdk:path': 'web/E/Resource' } },
      },
    });
    const resources = readAssembly(directory).stacks[0]!.template.resources;
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['D', 'C', 'B', 'A', 'E', 'F']);
    expect(resources.find(({ logicalId }) => logicalId === 'E')!.path).toBe('web/E/Resource');
  });

  it('names the circle when resources depend on each other', () => {
    put('manifest.json', { artifacts: { web: stack('web') } });
    put('web.json', { Resources: { A: { Type: 'T', DependsOn: 'B' }, B: { Type: 'T', Properties: { x: { Ref: 'A' } } } } });
    expect(() => readAssembly(directory)).toThrow('A → B → A');
  });

  it('finds the local folder of an asset by the hash in its key', () => {
    put('manifest.json', {
      artifacts: { web: stack('web'), 'web.assets': { type: 'cdk:asset-manifest', properties: { file: 'web.assets.json' } } },
    });
    put('web.assets.json', { files: { abc123: { source: { path: 'asset.abc123' } } } });
    put('web.json', { Resources: {} });
    const web = readAssembly(directory).stacks[0]!;
    expect(assetPath(web, { Code: { S3Bucket: 'x', S3Key: 'prefix/abc123.zip' } })).toBe(join(directory, 'asset.abc123'));
    expect(assetPath(web, { Code: { ZipFile: 'x' } })).toBeUndefined();
    expect(() => assetPath(web, { Code: { S3Key: 'other.zip' } })).toThrow('no asset manifest names the asset other.zip');
  });

  it('says what to do when there is no assembly', () => {
    expect(() => readAssembly(join(directory, 'nowhere'))).toThrow('synthesize the app first');
    put('manifest.json', { artifacts: {} });
    expect(() => readAssembly(directory)).toThrow('has no stacks');
  });

  it('refuses a template with a transform, which only CloudFormation could run', () => {
    put('manifest.json', { artifacts: { web: stack('web') } });
    put('web.json', { Transform: 'AWS::Serverless-2016-10-31', Resources: {} });
    expect(() => readAssembly(directory)).toThrow('Transform "AWS::Serverless-2016-10-31"');
  });
});
