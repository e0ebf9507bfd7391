/** AWS JSON 1.0 and 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html): the operation is in X-Amz-Target. */
import { faultOf, findOperation, noOperationNamed, readOrRefuse } from './errors.ts';
import { jsonForm, readJson } from './json.ts';
import { readWhole } from './limits.ts';
import { findErrorShape, isQueryCompatible, queryErrorOf } from './service-model.ts';
import { isFields, inputOf, outputOf } from './schema.ts';
import { toPlain } from './plain.ts';
import type { Protocol, WireResponse } from './wire.ts';

const form = jsonForm(false);

export const awsJson = (version: '1.0' | '1.1'): Protocol => ({
  unknown: { code: 'UnknownOperationException', status: 400 },
  ask(request, service) {
    const operationName = (request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
    if (operationName === '') throw noOperationNamed('UnknownOperationException');
    const operation = findOperation(service, operationName);
    return {
      operationName,
      operation,
      async readInput() {
        const body = await readWhole(request.body);
        if (operation === undefined) return {};
        const input = await readOrRefuse('SerializationException', () => readJson(form, inputOf(operation.schema), body));
        return isFields(input) ? input : {};
      },
    };
  },
  answer(operation, output, requestId) {
    const shape = outputOf(operation.schema);
    const plain = shape.isUnitSchema() ? {} : toPlain(form, shape, output ?? {});
    return jsonResponse(version, 200, requestId, plain);
  },
  refuse(error, requestId, service) {
    const shape = findErrorShape(service, error.code);
    const body = { __type: shape?.getName() ?? error.code, message: error.message, Message: error.message };
    const response = jsonResponse(version, error.status, requestId, body);
    if (!isQueryCompatible(service)) return response;
    // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
    const queryCode = (shape && queryErrorOf(shape)?.code) ?? error.code;
    return { ...response, headers: { ...response.headers, 'x-amzn-query-error': `${queryCode};${faultOf(error)}` } };
  },
});

function jsonResponse(version: string, status: number, requestId: string, body: unknown): WireResponse {
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId };
  return { status, headers, body: JSON.stringify(body) };
}
