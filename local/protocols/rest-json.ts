/** REST-JSON: Lambda and the EBS direct APIs (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html). */
import type { LocalService } from '../kernel/service.ts';
import { findOperation, readOrRefuse, unknownOperation } from './errors.ts';
import { jsonForm, readJson } from './json.ts';
import { toPlain } from './plain.ts';
import { readRestInput } from './rest-input.ts';
import { writeRestOutput } from './rest-output.ts';
import { findRoute, toRoute } from './routes.ts';
import { nameOf, outputOf } from './schema.ts';
import { findErrorShape, statusOf } from './service-model.ts';
import type { Protocol } from './wire.ts';

const form = jsonForm(true);
const bodies = {
  contentType: 'application/json',
  read: (shape: Parameters<typeof readJson>[1], body: Buffer) => readJson(form, shape, body),
  write: (shape: Parameters<typeof readJson>[1], value: unknown) => JSON.stringify(toPlain(form, shape, value)),
};

const routes = (service: LocalService) => Object.values(service.operations).map(({ schema }) => toRoute(schema));

export const restJson: Protocol = {
  unknown: { code: 'UnknownOperationException', status: 404 },
  ask(request, service) {
    // Older models, and so older clients, end some paths with a slash.
    const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
    const match = findRoute(routes(service), { ...request, path });
    if (match === undefined) throw unknownOperation(restJson.unknown, `${request.method} ${request.path}`, service);
    const operationName = nameOf(match.route.operation);
    return {
      operationName,
      operation: findOperation(service, operationName),
      readInput: () => readOrRefuse('ValidationException', () => readRestInput(match, request, bodies)),
    };
  },
  answer(operation, output, requestId) {
    const response = writeRestOutput(outputOf(operation.schema), output, toRoute(operation.schema).status, bodies);
    return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } };
  },
  refuse(error, requestId, service) {
    const shape = findErrorShape(service, error.code);
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code };
    const body = JSON.stringify({ __type: error.code, message: error.message, Message: error.message });
    return { status: statusOf(shape, error.status), headers, body };
  },
};
