/** Schedule expressions of EventBridge rules: rate(…) and cron(…), in UTC. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** The first instant after the given one; undefined when there is none any more. */
export type Schedule = (after: number) => number | undefined;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };

/** Rates count from the rule's creation. */
export function parseSchedule(expression: string, createdAt: number): Schedule {
  const [, kind, inner = ''] = /^(rate|cron)\((.+)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return parseRate(inner, createdAt);
  if (kind === 'cron') return parseCron(inner);
  throw new ScheduleError(`Parameter ScheduleExpression is not valid: ${expression}`);
}

function parseRate(inner: string, createdAt: number): Schedule {
  const [, count, unit = '', plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(inner) ?? [];
  const unitMs = UNIT_MS[unit];
  // AWS refuses `rate(1 minutes)` and `rate(5 minute)`.
  if (count === undefined || unitMs === undefined || Number(count) < 1 || (Number(count) === 1) !== (plural === '')) {
    throw new ScheduleError(`Parameter ScheduleExpression is not valid: rate(${inner})`);
  }
  const every = Number(count) * unitMs;
  return (after) => createdAt + (Math.floor((after - createdAt) / every) + 1) * every;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LAST_YEAR = 2199;

/** minutes hours day-of-month month day-of-week year; one of the two days is `?`. L, W and # are not known here. */
function parseCron(inner: string): Schedule {
  const fields = inner.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  if (fields.length !== 6 || (day === '?') === (weekday === '?')) {
    throw new ScheduleError(`Parameter ScheduleExpression is not valid: cron(${inner})`);
  }
  const isMinute = field(minute, { least: 0, most: 59 });
  const isHour = field(hour, { least: 0, most: 23 });
  const isDay = field(day, { least: 1, most: 31 });
  const isMonth = field(month, { least: 1, most: 12, names: MONTHS });
  const isWeekday = field(weekday, { least: 1, most: 7, names: WEEKDAYS });
  const isYear = field(year, { least: 1970, most: LAST_YEAR });
  const isOn = (date: Date) =>
    isYear(date.getUTCFullYear()) &&
    isMonth(date.getUTCMonth() + 1) &&
    isDay(date.getUTCDate()) &&
    isWeekday(date.getUTCDay() + 1);
  return (after) => {
    const start = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS;
    for (let dayAt = start - (start % DAY_MS); dayAt < Date.UTC(LAST_YEAR + 1, 0); dayAt += DAY_MS) {
      if (!isOn(new Date(dayAt))) continue;
      const found = firstMinute(
        Math.max(start, dayAt),
        dayAt + DAY_MS,
        (minutes) => isHour(Math.floor(minutes / 60)) && isMinute(minutes % 60),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function firstMinute(from: number, to: number, holds: (minuteOfDay: number) => boolean): number | undefined {
  for (let at = from; at < to; at += MINUTE_MS) if (holds((at % DAY_MS) / MINUTE_MS)) return at;
  return undefined;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

function field(text: string, range: Range): (value: number) => boolean {
  if (text === '*' || text === '?') return () => true;
  const parts = text.split(',').map((part) => fieldPart(part, range));
  return (value) => parts.some((matches) => matches(value));
}

function fieldPart(part: string, range: Range): (value: number) => boolean {
  const [span = '', step = '1'] = part.split('/');
  const [first = '', last] = span.split('-');
  const from = span === '*' ? range.least : fieldValue(first, range);
  const to = last !== undefined ? fieldValue(last, range) : part.includes('/') ? range.most : from;
  const every = Number(step);
  if (!Number.isInteger(every) || every < 1) throw new ScheduleError(`Parameter ScheduleExpression is not valid: ${part}`);
  return (value) => value >= from && value <= to && (value - from) % every === 0;
}

function fieldValue(text: string, { least, most, names }: Range): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + 1 : Number(text);
  if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ScheduleError(
    `Parameter ScheduleExpression is not valid: ${text} is not within ${least} to ${most} (L, W and # are not known locally)`,
  );
}
