/** A metric of the user's own, as it stands in a service file. */
import * as z from 'zod';

/** What tells the compared groups apart, for the dimensions of a declared metric. */
const PLACES = ['service', 'version', 'build', 'group', 'loadBalancer', 'targetGroup'] as const;
const TELLING = ['version', 'group', 'targetGroup'] as const;

const placesIn = (dimensions: Readonly<Record<string, string>>) =>
  Object.values(dimensions).flatMap((value) => [...value.matchAll(/\{([^}]*)\}/g)].map(([, place = '']) => place));

/** What the Linux image's supervisor reads without unescaping: printable, without quotes and backslashes. */
const plainName = z.string().regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,255}$/);

export const nodeMetricsSchema = z.strictObject({
  namespace: z
    .string()
    .regex(/^[\x21\x23-\x39\x3b-\x5b\x5d-\x7e]{1,255}$/)
    .describe('Their CloudWatch namespace; not one of AWS. The Linux nodes may put data into it.'),
  requests: plainName.default('Requests').describe('Name of the metric that counts the requests a node answered.'),
  errors: plainName.default('Errors').describe('Name of the metric that counts those it answered with 5xx.'),
  dimension: plainName.default('InstanceId').describe('The one dimension of them all, whose value is the id of the instance.'),
  memory: plainName
    .default('MemoryBytes')
    .describe(
      'Name of the metric that tells the memory its service has in RAM, in bytes: a canary that grows more than its baseline leaks.',
    ),
  latency: plainName
    .optional()
    .describe(
      'Name of the metric that has the response times of a node, in seconds, each as a value with its count. Without it one slow node counts against its release.',
    ),
});

export const declaredMetricSchema = z
  .strictObject({
    namespace: z
      .string()
      .regex(/^[\x21-\x39\x3b-\x7e]{1,255}$/)
      .describe('Its CloudWatch namespace.'),
    name: z.string().min(1).max(255).describe('Its name.'),
    statistic: z
      .string()
      .regex(/^(SampleCount|Sum|Average|Minimum|Maximum|IQM|(p|tm|tc|ts)\d{1,3}(\.\d{1,10})?|(TM|TC|TS|PR)\([\d.%]*:[\d.%]*\))$/)
      .describe('The statistic of each minute, as CloudWatch writes it. Sums and counts are not compared during a promotion.'),
    dimensions: z
      .record(z.string().min(1).max(255), z.string().min(1).max(255))
      .describe(
        'Its dimensions. `{service}`, `{version}`, `{build}`, `{group}`, `{loadBalancer}` and `{targetGroup}` stand for those of each compared group; one of `{version}`, `{group}`, `{targetGroup}` must be among them.',
      ),
    direction: z.enum(['increase', 'decrease']).describe('What is worse: more, or less.'),
    marginPercent: z.number().min(0).max(1000).default(10).describe('Worse by this share of the stable release is tolerated.'),
    critical: z.boolean().default(false).describe('Whether a release without its data is not passed.'),
    dryRun: z.boolean().default(false).describe('Whether it is only told in the verdict, and decides nothing.'),
  })
  .superRefine(({ dimensions, critical, dryRun }, ctx) => {
    const issue = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    const places = placesIn(dimensions);
    const unknown = places.filter((place) => !PLACES.some((one) => one === place));
    if (unknown.length > 0) issue('dimensions', `{${unknown.join('}, {')}} is unknown; known are {${PLACES.join('}, {')}}`);
    if (!TELLING.some((place) => places.includes(place)))
      issue('dimensions', `nothing tells the compared groups apart: one value needs {${TELLING.join('}, {')}}`);
    if (Object.keys(dimensions).length > 30) issue('dimensions', 'CloudWatch knows at most 30 dimensions');
    if (critical && dryRun) issue('critical', 'a metric that decides nothing (dryRun) cannot be critical');
  });
