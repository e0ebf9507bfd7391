import { AwsError } from '../../kernel/aws-error.ts';

export interface ByteRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * The bytes a Range header means, or undefined for the whole object: S3 ignores a header it cannot read and one that
 * names several ranges (RFC 9110 §14.2 allows it).
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : suffix(Number(last), bytes);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= bytes) throw unsatisfiable();
  return { from: Number(first), to: last === '' ? bytes : Math.min(Number(last) + 1, bytes) };
}

function suffix(length: number, bytes: number): ByteRange {
  if (length === 0 || bytes === 0) throw unsatisfiable();
  return { from: Math.max(0, bytes - length), to: bytes };
}

const unsatisfiable = () => new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
