/** One seed for every property test, so that the gate says the same of the same tree. `TANDEM_SEED=$RANDOM npm test` looks elsewhere. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['TANDEM_SEED'] ?? 20_261_124) });
