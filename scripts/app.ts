/** The CDK app as the CLI starts it (cdk.json): the bundles first, then the stacks. */
import { buildFunctions } from './build-functions.ts';

await buildFunctions();
await import('../bin/tandem.ts');
