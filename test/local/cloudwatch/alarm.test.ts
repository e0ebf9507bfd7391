import { describe, expect, it } from 'vitest';
import type { AlarmConfig, AlarmState, MissingData } from '../../../local/services/cloudwatch/alarm.ts';
import { evaluateAlarm } from '../../../local/services/cloudwatch/alarm.ts';

const alarm = (more: Partial<AlarmConfig>): AlarmConfig => ({
  name: 'a',
  arn: 'arn',
  metric: { namespace: 'N', name: 'M', dimensions: {} },
  statistic: 'Sum',
  periodSeconds: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  threshold: 0,
  comparison: 'GreaterThanThreshold',
  missing: 'missing',
  actionsEnabled: true,
  actions: { OK: [], ALARM: [], INSUFFICIENT_DATA: [] },
  ...more,
});

/** 0 within the threshold, X beyond it, - missing; oldest first, as the user guide writes them. */
const points = (text: string) => Array.from(text, (char, at) => ({ at, value: char === '-' ? undefined : char === 'X' ? 1 : 0 }));

const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

function evaluate(text: string, datapointsToAlarm: number): AlarmState[] {
  // The current state is one that no evaluation reaches by itself here, so "retained" can be told.
  return TREATMENTS.map(
    (missing) => evaluateAlarm(alarm({ missing, datapointsToAlarm }), points(text), 'INSUFFICIENT_DATA').state,
  );
}

const RETAINED = 'INSUFFICIENT_DATA';

describe("the user guide's examples with missing data", () => {
  it.each([
    ['0-X-X', ['OK', 'OK', 'OK', 'OK']],
    ['0----', ['OK', 'OK', 'OK', 'OK']],
    ['-----', ['INSUFFICIENT_DATA', RETAINED, 'ALARM', 'OK']],
    ['0XX-X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['--X--', ['ALARM', RETAINED, 'ALARM', 'OK']],
  ])('3 of 3: %s is %j', (text, expected) => {
    expect(evaluate(text, 3)).toEqual(expected);
  });

  it.each([
    ['0-X-X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['00X0X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0-X--', ['OK', 'OK', 'ALARM', 'OK']],
    ['----0', ['OK', 'OK', 'ALARM', 'OK']],
    ['---X-', ['ALARM', RETAINED, 'ALARM', 'OK']],
    ['XX000', ['OK', 'OK', 'OK', 'OK']],
  ])('2 of 3: %s is %j', (text, expected) => {
    expect(evaluate(text, 2)).toEqual(expected);
  });

  it('does not alarm too early: one breaching datapoint that has just come is not yet enough', () => {
    expect(evaluateAlarm(alarm({}), points('----X'), 'OK').state).toBe('OK');
  });

  it('judges by the comparison that was declared', () => {
    const atLimit = [{ at: 0, value: 5 }];
    const state = (comparison: AlarmConfig['comparison']) =>
      evaluateAlarm(alarm({ comparison, threshold: 5, evaluationPeriods: 1, datapointsToAlarm: 1 }), atLimit, 'OK').state;
    expect(state('GreaterThanThreshold')).toBe('OK');
    expect(state('GreaterThanOrEqualToThreshold')).toBe('ALARM');
    expect(state('LessThanThreshold')).toBe('OK');
    expect(state('LessThanOrEqualToThreshold')).toBe('ALARM');
  });
});
