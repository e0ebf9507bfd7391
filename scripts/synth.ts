/**
 * npm run synth [-- --services FOLDER --out FOLDER --bundles FOLDER --context name=value …]
 * Builds the functions once, then runs the app. Needs no AWS account and looks nothing up.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLES, buildFunctions } from './build-functions.ts';

const ROOT = join(import.meta.dirname, '..');

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: 'services' },
    out: { type: 'string', default: 'cdk.out' },
    /** Bundles that are there already; without it they are built. */
    bundles: { type: 'string' },
    context: { type: 'string', multiple: true, default: [] },
  },
});

if (values.bundles === undefined) await buildFunctions();
const context = {
  services: resolve(values.services),
  bundles: resolve(values.bundles ?? BUNDLES),
  ...Object.fromEntries(values.context.map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)])),
};
const app = spawnSync(process.execPath, [join(ROOT, 'bin', 'tandem.ts')], {
  stdio: 'inherit',
  env: { ...process.env, CDK_OUTDIR: resolve(values.out), CDK_CONTEXT_JSON: JSON.stringify(context) },
});
process.exitCode = app.status ?? 1;
if (process.exitCode === 0) console.log(`synthesized to ${values.out}`);
