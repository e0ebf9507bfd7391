import { AwsError } from '../kernel/aws-error.ts';
import type { PlainForm } from './plain.ts';
import { fromPlain } from './plain.ts';
import { formatTimestamp, parseTimestamp, timestampForm } from './scalars.ts';
import { Misfit } from './schema.ts';
import type { Shape } from './schema.ts';

export const jsonForm = (usesJsonName: boolean): PlainForm => ({
  usesJsonName,
  toBlob: (bytes) => Buffer.from(bytes).toString('base64'),
  fromBlob(value, at) {
    if (typeof value === 'string') return Buffer.from(value, 'base64');
    throw new Misfit(at, 'base64 text', value);
  },
  toTimestamp(date, shape) {
    const form = timestampForm(shape, 'epoch-seconds');
    return form === 'epoch-seconds' ? date.getTime() / 1000 : formatTimestamp(date, form);
  },
  fromTimestamp: (value, at) => parseTimestamp(at, value),
});

/** Reads a JSON body by its schema; an empty one is an empty object. */
export function readJson(form: PlainForm, shape: Shape, body: Buffer): unknown {
  if (shape.isUnitSchema()) return {};
  return fromPlain(form, shape, parseJson(body));
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('SerializationException', 'The body is not JSON.', 400, { cause });
  }
}
