/** A service as its stack hands it over in SSM. */
import * as z from 'zod';
import { serviceFileSchema } from '../../core/service/service-file.ts';
import type { Service } from '../../core/service/service.ts';
import { toSentence } from './parse.ts';

const text = z.string().min(1);
const template = z.object({ id: text, version: text });
const perGroup = z.object({ blue: text, green: text, canary: text, baseline: text, control: text });

export const serviceSchema = z.object({
  file: serviceFileSchema,
  resources: z.object({
    launchTemplates: z.object({ linux: template, unikernel: template }),
    subnets: z.array(z.object({ id: text, zone: text })).min(1),
    targetGroups: perGroup,
    listener: text,
    metrics: z.object({ loadBalancer: text, targetGroups: perGroup }),
    prober: text.optional(),
    nodeRole: text.optional(),
    accessLog: z.object({ bucket: text, prefix: text }).optional(),
  }),
});

export function parseService(value: unknown): { readonly service: Service } | { readonly why: string } {
  const parsed = serviceSchema.safeParse(value);
  return parsed.success ? { service: parsed.data } : { why: toSentence(value, parsed.error.issues) };
}
