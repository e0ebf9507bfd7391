import { TemplateError, takeProperties } from '../../kernel/properties.ts';
import { physicalName } from '../../kernel/physical-name.ts';
import type { DeclaredResource } from '../../kernel/service.ts';

export interface Parameter {
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly value: string;
  readonly version: number;
  readonly modifiedAt: number;
}

const IGNORED = {
  Description: 'shown only by DescribeParameters, which is not here',
  Tags: 'parameters are not found by tags here',
  AllowedPattern: 'values come from the template alone',
  DataType: 'text is the only one here',
};

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const LIMIT_BYTES = { Standard: 4096, Advanced: 8192, 'Intelligent-Tiering': 8192 };

export function toParameter(resource: DeclaredResource, now: number): Parameter {
  const properties = takeProperties(resource, ['Name', 'Type', 'Value', 'Tier'], IGNORED);
  const name = properties.text('Name') ?? physicalName(resource);
  const type = properties.getText('Type');
  if (type !== 'String' && type !== 'StringList')
    throw new TemplateError(`${resource.path}: Type must be String or StringList, is ${type}`);
  const value = properties.getText('Value');
  const tier = properties.text('Tier') ?? 'Standard';
  const limit = Object.entries(LIMIT_BYTES).find(([known]) => known === tier)?.[1];
  if (limit === undefined) throw new TemplateError(`${resource.path}: Tier ${tier} is unknown`);
  if (value === '') throw new TemplateError(`${resource.path}: a parameter's Value must not be empty`);
  const bytes = Buffer.byteLength(value);
  if (bytes > limit) throw new TemplateError(`${resource.path}: Value has ${bytes} bytes; tier ${tier} takes ${limit}`);
  return { name, type, value, version: 1, modifiedAt: now };
}
