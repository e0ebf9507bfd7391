import { GetParameter$, GetParameters$, GetParametersByPath$ } from '@aws-sdk/client-ssm';
import type {
  GetParameterRequest,
  GetParametersByPathRequest,
  GetParametersRequest,
  Parameter as AwsParameter,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/aws-error.ts';
import { takePage } from '../../kernel/page.ts';
import type { LocalService } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { toParameter } from './parameter.ts';
import type { Parameter } from './parameter.ts';

const GAPS = ['Parameters come from templates: they are read, not written, and have one version, no labels and no secrets.'];

export function createSsm(world: World): LocalService {
  const parameters = new Map<string, Parameter>();
  const arnOf = (name: string) =>
    `arn:${world.account.partition}:ssm:${world.account.region}:${world.account.id}:parameter/${name.replace(/^\//, '')}`;
  const toAws = ({ name, type, value, version, modifiedAt }: Parameter): AwsParameter => ({
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: new Date(modifiedAt),
    ARN: arnOf(name),
    DataType: 'text',
  });
  /** By name or ARN; `name:1` asks for a version. */
  const find = (wanted: string): AwsParameter | undefined => {
    const [, name = '', version] = /^(?:arn:[^/]*:parameter(?=\/))?(.*?)(?::(\d+))?$/.exec(wanted) ?? [];
    const found = parameters.get(name) ?? (wanted.startsWith('arn:') ? parameters.get(name.slice(1)) : undefined);
    if (found === undefined || (version !== undefined && Number(version) !== found.version)) return undefined;
    return version === undefined ? toAws(found) : { ...toAws(found), Selector: `:${version}` };
  };

  return {
    name: 'ssm',
    gaps: GAPS,
    operations: {
      GetParameter: {
        schema: GetParameter$,
        run: ({ Name }: GetParameterRequest) => ({ Parameter: find(getName(Name)) ?? notFound() }),
      },
      GetParameters: { schema: GetParameters$, run: ({ Names = [] }: GetParametersRequest) => getParameters(Names, find) },
      GetParametersByPath: {
        schema: GetParametersByPath$,
        run: (input: GetParametersByPathRequest) => getByPath(input, [...parameters.values()].map(toAws)),
      },
    },
    resources: {
      'AWS::SSM::Parameter': (resource) => {
        const parameter = toParameter(resource, world.time.now());
        parameters.set(parameter.name, parameter);
        return { ref: parameter.name, attributes: { Type: parameter.type, Value: parameter.value } };
      },
    },
  };
}

const getName = (name: string | undefined): string => name ?? invalid('Name is required.');

function notFound(): never {
  // AWS's own has no message.
  throw new AwsError('ParameterNotFound', '');
}

function invalid(message: string): never {
  throw new AwsError('ValidationException', message);
}

function getParameters(names: readonly string[], find: (name: string) => AwsParameter | undefined) {
  if (names.length < 1 || names.length > 10) invalid(`Names must have 1 to 10 elements, has ${names.length}.`);
  const found = names.map((name) => ({ name, parameter: find(name) }));
  return {
    Parameters: found.flatMap(({ parameter }) => parameter ?? []),
    InvalidParameters: found.filter(({ parameter }) => parameter === undefined).map(({ name }) => name),
  };
}

function getByPath(input: GetParametersByPathRequest, all: readonly AwsParameter[]) {
  const { Path = '', Recursive = false, MaxResults = 10, NextToken, ParameterFilters = [] } = input;
  if (!Path.startsWith('/'))
    invalid(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  if (MaxResults < 1 || MaxResults > 10) invalid(`MaxResults must be 1 to 10, is ${MaxResults}.`);
  if (ParameterFilters.length > 0) invalid('The local runtime does not have ParameterFilters.');
  const prefix = Path.endsWith('/') ? Path : `${Path}/`;
  const below = all
    .filter(({ Name = '' }) => Name.startsWith(prefix) && (Recursive || !Name.slice(prefix.length).includes('/')))
    .sort(({ Name: a = '' }, { Name: b = '' }) => (a < b ? -1 : 1));
  const { items, next } = takePage(below, { size: MaxResults, token: NextToken, badToken: 'InvalidNextToken' });
  return { Parameters: items, NextToken: next };
}
