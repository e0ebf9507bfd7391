import * as z from 'zod';
import { answer, contract } from '../shared/contract.ts';

/** Environment variable PROBES, as JSON. */
export const probeList = z.array(z.object({ path: z.string().startsWith('/'), status: z.int() }));

/** Runs inside the service's VPC. Every address must answer every probe with its status. One function a service. */
export const prober = contract({
  name: 'prober',
  env: ['PORT', 'PROBES', 'TIMEOUT_MS'],
  input: z.strictObject({ addresses: z.array(z.ipv4()).max(100) }),
  output: z.discriminatedUnion('kind', [answer('passed'), answer('failed')]),
});
