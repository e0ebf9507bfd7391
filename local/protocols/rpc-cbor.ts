/** RPC v2 CBOR (https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html): what botocore sends to CloudWatch. */
import { cbor, tag } from '@smithy/core/cbor';
import { AwsError } from '../kernel/aws-error.ts';
import { faultOf, findOperation, noOperationNamed, readOrRefuse } from './errors.ts';
import { readWhole } from './limits.ts';
import { fromPlain, toPlain } from './plain.ts';
import type { PlainForm } from './plain.ts';
import { parseTimestamp } from './scalars.ts';
import { inputOf, isFields, Misfit, outputOf } from './schema.ts';
import { findErrorShape, isQueryCompatible, queryErrorOf } from './service-model.ts';
import type { Protocol, WireResponse } from './wire.ts';

/** RFC 8949 §3.4.2: seconds since 1970. */
const EPOCH_TAG = 1;

const form: PlainForm = {
  usesJsonName: false,
  toBlob: (bytes) => bytes,
  fromBlob(value, at) {
    if (value instanceof Uint8Array) return value;
    throw new Misfit(at, 'bytes', value);
  },
  toTimestamp: (date) => tag({ tag: EPOCH_TAG, value: date.getTime() / 1000 }),
  fromTimestamp: (value, at) => parseTimestamp(at, isFields(value) && 'tag' in value ? value['value'] : value),
};

const PATH = /\/service\/[^/]+\/operation\/([^/]+)\/?$/;

export const rpcCbor: Protocol = {
  unknown: { code: 'UnknownOperationException', status: 404 },
  ask(request, service) {
    const operationName = PATH.exec(request.path)?.[1] ?? '';
    if (operationName === '') throw noOperationNamed('UnknownOperationException');
    const operation = findOperation(service, operationName);
    return {
      operationName,
      operation,
      async readInput() {
        const body = await readWhole(request.body);
        if (operation === undefined || body.length === 0) return {};
        const shape = inputOf(operation.schema);
        const input = await readOrRefuse('SerializationException', () => fromPlain(form, shape, decode(body)));
        return isFields(input) ? input : {};
      },
    };
  },
  answer(operation, output, requestId) {
    const shape = outputOf(operation.schema);
    return cborResponse(200, requestId, shape.isUnitSchema() ? {} : toPlain(form, shape, output ?? {}));
  },
  refuse(error, requestId, service) {
    const shape = findErrorShape(service, error.code);
    const body = { __type: shape?.getName(true) ?? error.code, message: error.message };
    const response = cborResponse(error.status, requestId, body);
    if (!isQueryCompatible(service)) return response;
    const queryCode = (shape && queryErrorOf(shape)?.code) ?? error.code;
    return { ...response, headers: { ...response.headers, 'x-amzn-query-error': `${queryCode};${faultOf(error)}` } };
  },
};

function decode(body: Buffer): unknown {
  try {
    const value: unknown = cbor.deserialize(body);
    return value;
  } catch (cause) {
    throw new AwsError('SerializationException', 'The body is not CBOR.', 400, { cause });
  }
}

function cborResponse(status: number, requestId: string, body: unknown): WireResponse {
  const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': requestId };
  // The encoder answers a view of a buffer it uses again.
  return { status, headers, body: Uint8Array.from(cbor.serialize(body)) };
}
