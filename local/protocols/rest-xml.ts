/** S3's REST-XML: buckets by path or by host, bodies streamed (https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html). */
import * as s3 from '@aws-sdk/client-s3';
import type { StaticOperationSchema } from '@smithy/types';
import { decodeBody } from './aws-chunked.ts';
import { findOperation, readOrRefuse, unknownOperation } from './errors.ts';
import { readRestInput } from './rest-input.ts';
import { writeRestOutput } from './rest-output.ts';
import { findRoute, toRoute } from './routes.ts';
import type { Match } from './routes.ts';
import { addressOf } from './s3-address.ts';
import { inputOf, membersOf, nameOf, outputOf } from './schema.ts';
import type { Fields, Shape } from './schema.ts';
import { findErrorShape, statusOf } from './service-model.ts';
import type { Protocol, WireRequest, WireResponse } from './wire.ts';
import { readXml } from './xml-read.ts';
import { element, textElement, writeElement } from './xml-write.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const isOperation = (value: unknown): value is StaticOperationSchema => Array.isArray(value) && value[0] === 9;
const takesBucket = (operation: StaticOperationSchema) => membersOf(inputOf(operation)).some(([name]) => name === 'Bucket');

/**
 * All of S3's operations, also those the local S3 lacks: else `GET /bucket?policy` would be taken for a listing. One
 * that is bound to a path of its own (WriteGetObjectResponse) has no bucket either.
 */
const OPERATIONS = Object.values(s3).filter((value): value is StaticOperationSchema => isOperation(value));
const BUCKET_ROUTES = OPERATIONS.filter(takesBucket).map(toRoute);
const ACCOUNT_ROUTES = OPERATIONS.filter((operation) => !takesBucket(operation)).map(toRoute);

const bodies = {
  contentType: 'application/xml',
  read: readXml,
  write: (shape: Shape, value: Fields) => `<?xml version="1.0" encoding="UTF-8"?>\n${writeDocument(shape, value)}`,
};

export const restXml: Protocol = {
  unknown: { code: 'NotImplemented', status: 501 },
  ask(request, service) {
    const { bucket, path } = addressOf(request.headers['host'] ?? '', request.path);
    const match = findRoute(bucket === undefined ? ACCOUNT_ROUTES : BUCKET_ROUTES, { ...request, path });
    if (match === undefined)
      throw unknownOperation({ code: 'MethodNotAllowed', status: 405 }, `${request.method} ${request.path}`, service);
    const operationName = nameOf(match.route.operation);
    return {
      operationName,
      operation: findOperation(service, operationName),
      readInput: () => readOrRefuse('InvalidArgument', () => readInput(match, request, bucket)),
    };
  },
  answer(operation, output, requestId) {
    const response = writeRestOutput(outputOf(operation.schema), output, toRoute(operation.schema).status, bodies);
    const status = response.headers['content-range'] === undefined ? response.status : 206;
    return { ...response, status, headers: { ...response.headers, ...idsOf(requestId) } };
  },
  refuse(error, requestId, service) {
    const status = statusOf(findErrorShape(service, error.code), error.status);
    if (status === 304) return { status, headers: idsOf(requestId) };
    const content = [textElement('Code', error.code), textElement('Message', error.message), textElement('RequestId', requestId)];
    return xmlResponse(status, requestId, element('Error', content.join('')));
  },
};

async function readInput(match: Match, request: WireRequest, bucket: string | undefined): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> = bucket === undefined ? {} : { Bucket: bucket };
  const decoded = decodeBody(request, (name, value) => setHeaderMember(match.route.operation, input, name, value));
  return Object.assign(input, await readRestInput(match, decoded, bodies));
}

/** A trailing checksum is known when the body has been read, and the service looks for it in the input then. */
function setHeaderMember(operation: StaticOperationSchema, input: Record<string, unknown>, header: string, value: string): void {
  const found = membersOf(inputOf(operation)).find(([, member]) => member.getMergedTraits().httpHeader?.toLowerCase() === header);
  if (found !== undefined) input[found[0]] = value;
}

function writeDocument(shape: Shape, value: Fields): string {
  const name = shape.getMergedTraits().xmlName ?? shape.getName() ?? 'Result';
  // S3 does not wrap this one answer (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html).
  if (shape.getName() === 'GetBucketLocationOutput') {
    const place = value['LocationConstraint'];
    return `<LocationConstraint xmlns="${NAMESPACE}">${typeof place === 'string' ? place : ''}</LocationConstraint>`;
  }
  return writeElement(name, shape, value, NAMESPACE);
}

const idsOf = (requestId: string) => ({ 'x-amz-request-id': requestId, 'x-amz-id-2': Buffer.from(requestId).toString('base64') });

function xmlResponse(status: number, requestId: string, xml: string): WireResponse {
  const headers = { 'content-type': 'application/xml', ...idsOf(requestId) };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` };
}
