/** The service file's fields as JSON Schema: what the editor reads, the docs list, and problems quote. */
import { z } from 'zod';
import { serviceFileSchema } from '../../core/service/service-file.ts';

export interface FieldSchema {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly multipleOf?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: FieldSchema | undefined;
  readonly properties?: Readonly<Record<string, FieldSchema>> | undefined;
}

const fieldSchema: z.ZodType<FieldSchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    multipleOf: z.number().optional(),
    maxLength: z.number().optional(),
    maxItems: z.number().optional(),
    required: z.array(z.string()).optional(),
    items: fieldSchema.optional(),
    properties: z.record(z.string(), fieldSchema).optional(),
  }),
);

/** As it is written: defaults are not required. */
export const serviceJsonSchema = () => z.toJSONSchema(serviceFileSchema, { io: 'input' });

export const serviceFields = (): FieldSchema => fieldSchema.parse(serviceJsonSchema());

export function fieldAt(path: readonly PropertyKey[], from: FieldSchema = serviceFields()): FieldSchema | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return from;
  const inner = typeof step === 'number' ? from.items : from.properties?.[String(step)];
  return inner && fieldAt(rest, inner);
}

/** What may stand in a field, in words. */
export function allowedIn(field: FieldSchema): string {
  if (field.enum) return `one of ${field.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  switch (field.type) {
    case 'integer':
      return `a whole number${rangeOf(field)}`;
    case 'number':
      return `a number${rangeOf(field)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return `text${field.maxLength === undefined ? '' : ` of at most ${field.maxLength} characters`}${field.pattern ? ` matching ${field.pattern}` : ''}`;
    case 'array':
      return `a list${field.maxItems === undefined ? '' : ` of at most ${field.maxItems}`}${field.items ? `, each ${allowedIn(field.items)}` : ''}`;
    default:
      if (field.properties === undefined) return 'an object of texts';
      return `an object with ${Object.keys(field.properties ?? {}).join(', ')}`;
  }
}

function rangeOf({ minimum, maximum, multipleOf }: FieldSchema): string {
  const range = minimum !== undefined && maximum !== undefined ? ` from ${minimum} to ${maximum}` : '';
  return multipleOf === undefined ? range : `${range}, a multiple of ${multipleOf}`;
}
