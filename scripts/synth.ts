/**
 * npm run synth [-- --services FOLDER --out FOLDER --bundles FOLDER --context name=value …]
 * Builds the functions once, then runs the app. Needs no AWS account and looks nothing up.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLES, buildFunctions } from './build-functions.ts';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: 'services' },
    out: { type: 'string', default: 'cdk.out' },
    /** Bundles that are there already; without it they are built. */
    bundles: { type: 'string' },
    context: { type: 'string', multiple: true, default: [] },
  },
});

/** `name=value`; the value may hold further equals signs. */
function contextPair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--context ${text}: write it as name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

if (values.bundles === undefined) await buildFunctions();
process.env['CDK_OUTDIR'] = resolve(values.out);
process.env['CDK_CONTEXT_JSON'] = JSON.stringify({
  ...Object.fromEntries(values.context.map(contextPair)),
  services: resolve(values.services),
  bundles: resolve(values.bundles ?? BUNDLES),
});
await import('../bin/tandem.ts');
if (!process.exitCode) console.log(`synthesized to ${values.out}`);
