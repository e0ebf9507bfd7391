/** npm run build: the functions' bundles, the editor's schema and the docs made from it. */
import { buildFunctions } from './build-functions.ts';

const names = await buildFunctions();
console.log(`built ${names.length} functions`);
