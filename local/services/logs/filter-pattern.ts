import { AwsError } from '../../kernel/aws-error.ts';

/**
 * Unstructured filter patterns: all terms must be there, one of the `?terms` if there are any, none of the `-terms`;
 * quotes keep spaces (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html).
 */
export function parseFilterPattern(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (text.startsWith('{') || text.startsWith('['))
    throw new AwsError('InvalidParameterException', `The local runtime has filter patterns of terms only, not '${text}'.`);
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign = '', quoted, word]) => ({
    sign,
    term: quoted?.replaceAll(/\\(.)/g, '$1') ?? word ?? '',
  }));
  const signed = (sign: string) => terms.filter((one) => one.sign === sign).map((one) => one.term);
  const [all, some, none] = [signed(''), signed('?'), signed('-')];
  return (message) =>
    all.every((term) => message.includes(term)) &&
    (some.length === 0 || some.some((term) => message.includes(term))) &&
    !none.some((term) => message.includes(term));
}
