import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../kernel/aws-error.ts';
import { invalid } from './errors.ts';
import { toPattern } from './match-rule.ts';
import type { Condition } from './model.ts';

/** A rule has at most five condition values and wildcards, over all its conditions. */
const MAX_VALUES = 5;
const MAX_LENGTH = 128;

export function parseConditions(conditions: readonly RuleCondition[] | undefined): readonly Condition[] {
  if (!conditions?.length) throw invalid('A condition must be specified');
  const parsed = conditions.map(parseCondition);
  const values = parsed.flatMap((condition) => condition.values);
  if (values.length > MAX_VALUES) {
    throw new AwsError(
      'TooManyConditionValues',
      `A rule can have no more than ${MAX_VALUES} condition values; this one has ${values.length}`,
    );
  }
  return parsed;
}

function parseCondition(condition: RuleCondition): Condition {
  if (condition.RegexValues?.length)
    throw invalid('Regular expressions in conditions are not known locally; use values with * and ?');
  switch (condition.Field) {
    case 'host-header':
      return toCondition('host-header', condition.HostHeaderConfig?.Values ?? condition.Values);
    case 'path-pattern':
      return toCondition('path-pattern', condition.PathPatternConfig?.Values ?? condition.Values);
    case 'http-header': {
      const name = condition.HttpHeaderConfig?.HttpHeaderName ?? '';
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/.test(name)) throw invalid(`The HTTP header name '${name}' is not valid`);
      return { ...toCondition('http-header', condition.HttpHeaderConfig?.Values), header: name.toLowerCase() };
    }
    default:
      throw invalid(
        `Condition field '${String(condition.Field)}' must be one of '[host-header, path-pattern, http-header]' locally`,
      );
  }
}

function toCondition(field: Condition['field'], values: readonly string[] = []): Condition {
  if (values.length === 0) throw invalid(`The condition '${field}' needs a value`);
  const tooLong = values.find((value) => value.length > MAX_LENGTH || value === '');
  if (tooLong !== undefined)
    throw invalid(`The condition value '${tooLong}' of '${field}' must have 1 to ${MAX_LENGTH} characters`);
  return { field, values, patterns: values.map((value) => toPattern(field, value)) };
}

export function formatCondition({ field, header, values }: Condition): RuleCondition {
  const Values = [...values];
  if (field === 'host-header') return { Field: field, Values, HostHeaderConfig: { Values } };
  if (field === 'path-pattern') return { Field: field, Values, PathPatternConfig: { Values } };
  return { Field: field, HttpHeaderConfig: { HttpHeaderName: header, Values } };
}
