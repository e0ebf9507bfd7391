/** Findings of cdk-nag's AwsSolutions that are meant, each with its reason, where the thing is made. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A sentence that says why this is right as it is. */
export type Reason = string;

export function acknowledge(scope: IConstruct, rule: string, reason: Reason): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}

/** cdk-nag asks for each wildcard by itself. */
export function acknowledgeWildcards(scope: IConstruct, resources: readonly string[], reason: Reason): void {
  const texts = resources.map((resource) => textOf(Stack.of(scope).resolve(resource)));
  for (const text of texts.filter((one) => one.includes('*'))) acknowledge(scope, `IAM5[Resource::${text}]`, reason);
}

/** An ARN as cdk-nag writes it: references in angle brackets. */
function textOf(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved.replace(/\$\{([^}]+)\}/g, '<$1>');
  if (Array.isArray(resolved)) return resolved.map(textOf).join('');
  if (typeof resolved !== 'object' || resolved === null) return String(resolved);
  const [[kind, value] = ['', undefined]]: readonly (readonly [string, unknown])[] = Object.entries(resolved);
  switch (kind) {
    case 'Ref':
      return `<${String(value)}>`;
    case 'Fn::GetAtt':
      return Array.isArray(value) ? `<${value.join('.')}>` : '';
    case 'Fn::Join':
      return Array.isArray(value) ? textOf(value[1]) : '';
    default:
      return textOf(value);
  }
}
