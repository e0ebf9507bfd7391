/** Which service a request is for, by its signing name. */
import type { WireRequest } from '../protocols/wire.ts';

/** For requests without a signature. */
const TARGETS = new Map([
  ['DynamoDB_20120810', 'dynamodb'],
  ['AWSStepFunctions', 'states'],
  ['AmazonSSM', 'ssm'],
  ['ServiceQuotasV20190624', 'servicequotas'],
  ['AmazonSQS', 'sqs'],
  ['AWSEvents', 'events'],
  ['Logs_20140328', 'logs'],
  ['GraniteServiceVersion20100801', 'monitoring'],
]);

/** `Credential=<key>/<date>/<region>/<service>/aws4_request`; the key may hold slashes, the rest may not. */
const SCOPE = /Credential=[^,]*\/([^/,]+)\/aws4_request/;
const SCOPE_IN_QUERY = /\/([^/]+)\/aws4_request$/;

export function serviceOf(request: WireRequest): string | undefined {
  const signed =
    SCOPE.exec(request.headers['authorization'] ?? '') ?? SCOPE_IN_QUERY.exec(request.query.get('X-Amz-Credential') ?? '');
  if (signed?.[1] !== undefined) return signed[1];
  const target = request.headers['x-amz-target']?.split('.')[0];
  return TARGETS.get(target ?? '') ?? /^([a-z0-9]+)\.localhost/.exec(request.headers['host'] ?? '')?.[1];
}
