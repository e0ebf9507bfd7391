import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions } from '../../scripts/build-functions.ts';

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const work = mkdtempSync(join(tmpdir(), 'tandem-package-'));
const packed = join(work, 'packed');
const app = join(work, 'app');

const node = (cwd: string, ...args: string[]) => execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' });

/** What a foreign CDK app writes; compiled against the declarations, then run. */
const APP = `
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ControlPlaneStack } from 'tandem/control-plane-stack';
import { HybridService } from 'tandem/hybrid-service';
import { readServices } from 'tandem/read-services';
import { ServiceStack } from 'tandem/service-stack';

const app = new App({ outdir: 'out' });
const controlPlane: ControlPlaneStack = new ControlPlaneStack(app, 'releases');
const [web, api] = readServices('services');
if (!web || !api) throw new Error('two services');
new ServiceStack(app, 'api', { file: api, controlPlane });
const shop = new Stack(app, 'shop');
const vpc = new ec2.Vpc(shop, 'Vpc', { natGateways: 1, restrictDefaultSecurityGroup: false });
new HybridService(shop, 'Web', { file: web, controlPlane, vpc });
app.synth();
`;

/** The package as npm makes it, without installing from anywhere: its dependencies are linked. */
async function installPacked(): Promise<void> {
  await buildFunctions(join(packed, 'build/lambda'));
  node(ROOT, TSC, '-p', 'tsconfig.build.json', '--outDir', join(packed, 'dist'));
  for (const part of ['package.json', 'docs', 'services']) cpSync(join(ROOT, part), join(packed, part), { recursive: true });
  const packing = ['pack', '--ignore-scripts', '--silent', '--pack-destination', work];
  const tarball = execFileSync('npm', packing, { cwd: packed, encoding: 'utf8', stdio: 'pipe' }).trim().split('\n').at(-1)!;
  const modules = join(app, 'node_modules');
  mkdirSync(join(modules, 'tandem'), { recursive: true });
  execFileSync('tar', ['-xzf', join(work, tarball), '-C', join(modules, 'tandem'), '--strip-components=1']);
  for (const name of ['aws-cdk-lib', 'constructs', 'zod', '@types'])
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
}

beforeAll(async () => {
  await installPacked();
  mkdirSync(join(app, 'services'));
  for (const name of ['web', 'api'])
    writeFileSync(join(app, 'services', `${name === 'web' ? '1' : '2'}.json`), JSON.stringify({ name, probes: [{ path: '/' }] }));
  writeFileSync(join(app, 'app.ts'), APP);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'shop', type: 'module' }));
  const options = { strict: true, module: 'nodenext', target: 'es2024', skipLibCheck: true, types: ['node'], outDir: 'js' };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['app.ts'] }));
}, 180_000);

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe('the package in a foreign CDK app', () => {
  it('has declarations its own compiler is content with, and synthesizes there, in a VPC of its own too', () => {
    node(app, TSC, '-p', '.');
    node(app, 'js/app.js');
    const made = readdirSync(join(app, 'out'));
    expect(made).toEqual(expect.arrayContaining(['releases.template.json', 'api.template.json', 'shop.template.json']));
    const shop = JSON.parse(readFileSync(join(app, 'out/shop.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string }>;
    };
    expect(Object.values(shop.Resources).filter(({ Type }) => Type === 'AWS::EC2::VPC')).toHaveLength(1);
    expect(JSON.stringify(shop)).toContain('"Key":"tandem:stack","Value":"releases"');
  }, 120_000);

  it('brings the functions that are deployed, and nothing that only we need', () => {
    const tandem = join(app, 'node_modules/tandem');
    expect(readdirSync(join(tandem, 'build/lambda'))).toContain('launch-nodes');
    expect(readdirSync(tandem).sort()).toEqual(['build', 'dist', 'docs', 'package.json', 'services']);
  });
});
