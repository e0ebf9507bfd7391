import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../local/services/events/schedule.ts';

const at = (text: string) => Date.parse(text);
const next = (expression: string, after: string, created = '2031-01-01T00:00:30Z') => {
  const found = parseSchedule(expression, at(created))(at(after));
  return found === undefined ? undefined : new Date(found).toISOString();
};

describe('schedule expressions', () => {
  it.each([
    ['rate(1 minute)', '2031-01-01T00:00:30Z', '2031-01-01T00:01:30.000Z'],
    ['rate(5 minutes)', '2031-01-01T00:05:30Z', '2031-01-01T00:10:30.000Z'],
    ['rate(1 day)', '2031-03-01T00:00:00Z', '2031-03-01T00:00:30.000Z'],
    ['cron(0 12 * * ? *)', '2031-01-01T12:00:00Z', '2031-01-02T12:00:00.000Z'],
    ['cron(*/15 8-10 ? * MON-FRI *)', '2031-01-03T10:45:00Z', '2031-01-06T08:00:00.000Z'],
    ['cron(0 0 1 JAN,jul ? 2031-2032)', '2031-01-01T00:00:00Z', '2031-07-01T00:00:00.000Z'],
    ['cron(30 2 29 2 ? *)', '2031-01-01T00:00:00Z', '2032-02-29T02:30:00.000Z'],
    ['cron(0 0 1 1 ? 2020)', '2031-01-01T00:00:00Z', undefined],
  ])('%s after %s comes at %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'cron(0 12 * * * *)',
    'cron(61 * * * ? *)',
    'cron(0 12 L * ? *)',
    'daily',
  ])('%s is refused', (expression) => {
    expect(() => parseSchedule(expression, 0)).toThrow('not valid');
  });
});
