/** The part of a service file that says what the judge holds a release to. */
import * as z from 'zod';

const percent = z.number().min(0).max(100);

export const limitsSchema = z.strictObject({
  maxErrorPercent: percent
    .default(1)
    .describe(
      'A share of failed requests (5xx) that is surely above this fails the release, unless the stable release fares as badly.',
    ),
  slow: z
    .array(z.strictObject({ overMs: z.int().min(1).max(60_000), maxPercent: percent }))
    .max(4)
    .default([{ overMs: 1000, maxPercent: 5 }])
    .describe(
      'For each limit: the share of requests slower than `overMs` milliseconds that is still acceptable. Latency is compared at these limits; with none, at the median, p90 and p99 of the stable release.',
    ),
  maxUnhealthyNodes: z
    .int()
    .min(0)
    .max(50)
    .default(0)
    .describe(
      'More unhealthy nodes than this in the watched group fail the release. One node that alone is bad is replaced, and does not count.',
    ),
  minRequests: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(50)
    .describe(
      'Fewer requests than this in the whole watch decide nothing: the verdict waits and is inconclusive at its deadline.',
    ),
  passMarginPercent: z
    .number()
    .min(0.05)
    .max(50)
    .default(1)
    .describe(
      'A canary or debut passes once it is 95 % sure that of its requests no more than this share, in percentage points, fail or are slow beyond what the stable release has. Without any failure that takes about 300 / passMarginPercent requests to each of the two.',
    ),
  intervalSeconds: z
    .int()
    .min(60)
    .max(3600)
    .multipleOf(60)
    .default(60)
    .describe('Seconds between two looks at the metrics. CloudWatch has one point a minute.'),
  graceMinutes: z
    .int()
    .min(1)
    .max(1440)
    .default(10)
    .describe('Minutes after the watch in which a verdict may still come before it is inconclusive.'),
});
