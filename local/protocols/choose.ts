import { awsJson } from './aws-json.ts';
import { awsQuery, ec2Query } from './aws-query.ts';
import { restJson } from './rest-json.ts';
import { restXml } from './rest-xml.ts';
import { rpcCbor } from './rpc-cbor.ts';
import type { Protocol, WireRequest } from './wire.ts';

const json10 = awsJson('1.0');
const json11 = awsJson('1.1');

const REST = new Map<string, Protocol>([
  ['s3', restXml],
  ['lambda', restJson],
  ['ebs', restJson],
]);

/** CloudWatch alone is spoken to in three protocols today (JSON by the SDK, CBOR by botocore, query by older clients), so the request tells. */
export function chooseProtocol(request: WireRequest, service: string): Protocol {
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return rpcCbor;
  const rest = REST.get(service);
  if (rest !== undefined) return rest;
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/x-amz-json-1.1')) return json11;
  if (type.startsWith('application/x-amz-json') || request.headers['x-amz-target'] !== undefined) return json10;
  return service === 'ec2' ? ec2Query : awsQuery;
}
