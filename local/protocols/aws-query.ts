/** AWS query and EC2 query: a form in, XML out (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html). */
import type { AwsError } from '../kernel/aws-error.ts';
import type { LocalService } from '../kernel/service.ts';
import { faultOf, findOperation, noOperationNamed, readOrRefuse } from './errors.ts';
import { readWhole } from './limits.ts';
import { parseParameters, readParameters } from './query-values.ts';
import type { Dialect } from './query-values.ts';
import { inputOf, isFields, nameOf, outputOf } from './schema.ts';
import { findErrorShape, queryErrorOf, statusOf, xmlNamespaceOf } from './service-model.ts';
import type { Asked, Protocol, WireRequest, WireResponse } from './wire.ts';
import { element, textElement, writeMembers } from './xml-write.ts';

const UNKNOWN = { code: 'InvalidAction', status: 400 };

export const awsQuery: Protocol = {
  unknown: UNKNOWN,
  ask: (request, service) => ask('query', request, service),
  answer(operation, output, requestId) {
    const [name, shape] = [nameOf(operation.schema), outputOf(operation.schema)];
    const result = shape.isUnitSchema() ? '' : element(`${name}Result`, writeMembers(shape, isFields(output) ? output : {}));
    const metadata = element('ResponseMetadata', textElement('RequestId', requestId));
    return xmlResponse(200, requestId, element(`${name}Response`, result + metadata));
  },
  refuse(error, requestId, service) {
    const shape = findErrorShape(service, error.code);
    const code = (shape && queryErrorOf(shape)?.code) ?? error.code;
    const content = textElement('Type', faultOf(error)) + textElement('Code', code) + textElement('Message', error.message);
    const body = element('Error', content) + textElement('RequestId', requestId);
    return xmlResponse(statusOf(shape, error.status), requestId, element('ErrorResponse', body, namespaceOf(service)));
  },
};

export const ec2Query: Protocol = {
  unknown: UNKNOWN,
  ask: (request, service) => ask('ec2', request, service),
  answer(operation, output, requestId) {
    const [name, shape] = [nameOf(operation.schema), outputOf(operation.schema)];
    // Operations without a result answer <return>true</return>, which the SDK ignores and the AWS CLI v1 expects nowhere.
    const members = shape.isUnitSchema() ? textElement('return', 'true') : writeMembers(shape, isFields(output) ? output : {});
    return xmlResponse(200, requestId, element(`${name}Response`, textElement('requestId', requestId) + members));
  },
  refuse(error: AwsError, requestId) {
    const content = element('Error', textElement('Code', error.code) + textElement('Message', error.message));
    const body = element('Errors', content) + textElement('RequestID', requestId);
    return xmlResponse(error.status, requestId, element('Response', body));
  },
};

async function ask(dialect: Dialect, request: WireRequest, service: LocalService): Promise<Asked> {
  const body = (await readWhole(request.body)).toString('utf8');
  const parameters = new Map([...request.query, ...new URLSearchParams(body)]);
  const operationName = parameters.get('Action') ?? '';
  if (operationName === '') throw noOperationNamed('MissingAction');
  const operation = findOperation(service, operationName);
  for (const name of parameters.keys()) if (/^(Action|Version|X-Amz-.*)$/.test(name)) parameters.delete(name);
  return {
    operationName,
    operation,
    readInput: () =>
      readOrRefuse(dialect === 'ec2' ? 'InvalidParameterValue' : 'MalformedInput', () =>
        operation === undefined ? {} : readParameters(dialect, inputOf(operation.schema), parseParameters(parameters)),
      ),
  };
}

function namespaceOf(service: LocalService | undefined): string {
  const namespace = service && xmlNamespaceOf(service);
  return namespace === undefined ? '' : ` xmlns="${namespace}"`;
}

function xmlResponse(status: number, requestId: string, xml: string): WireResponse {
  const headers = { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` };
}
