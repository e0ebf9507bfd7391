import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLES, withFolder } from './synth.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOOLS = join(ROOT, 'node_modules', '.bin');

function synth(folder: string, ...more: readonly string[]) {
  const args = ['scripts/synth.ts', '--bundles', BUNDLES, '--services', folder, '--out', join(folder, 'out'), ...more];
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

describe('npm run synth', () => {
  it('makes a stack for the control plane and one for each service file of the folder', () => {
    const made = withFolder({ 'web.json': '{"name":"web"}' }, (folder) => {
      expect(synth(folder)).toMatchObject({ status: 0, stderr: '' });
      return readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.template.json'));
    });
    expect(made.sort()).toEqual(['tandem-web.template.json', 'tandem.template.json']);
  }, 60_000);

  it('ends with 1 and what is wrong with the files, without a stack trace', () => {
    const { status, stderr } = withFolder({ 'web.json': '{"name":"web","prot":1}' }, (folder) => synth(folder));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^1 problem\(s\) in the service files:\n {2}.*web\.json: prot: there is no such field; did you mean "port"\?\n$/,
    );
  }, 60_000);

  it('says how a context is written', () => {
    const { status, stderr } = withFolder({}, (folder) => synth(folder, '--context', 'services'));
    expect(status).toBe(1);
    expect(stderr).toContain('--context services: write it as name=value');
  }, 60_000);
});

describe('the app that cdk.json starts', () => {
  it('runs under whatever Node the CDK CLI was installed with: npm finds the one it needs', () => {
    const path = (process.env['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder !== TOOLS)
      .join(delimiter);
    const made = withFolder({ 'web.json': '{"name":"web"}' }, (folder) => {
      const context = JSON.stringify({ services: folder });
      const env = { ...process.env, PATH: path, CDK_OUTDIR: join(folder, 'out'), CDK_CONTEXT_JSON: context };
      const run = spawnSync('npm', ['run', '--silent', 'app'], { cwd: ROOT, env, encoding: 'utf8' });
      expect(run.status, run.stderr).toBe(0);
      return readdirSync(join(folder, 'out'));
    });
    expect(made).toContain('tandem-web.template.json');
  }, 60_000);
});
