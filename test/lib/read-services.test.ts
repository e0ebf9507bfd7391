import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nearestName } from '../../lib/services/nearest-name.ts';
import { longestReleaseSeconds } from '../../lib/services/longest-release.ts';
import { readServices } from '../../lib/services/read-services.ts';
import { RELEASE_SECONDS } from '../../lib/workflows/timeouts.ts';
import { serviceFile, withFolder } from './synth.ts';

/** What is said of the files, without the folder. */
function problems(files: Readonly<Record<string, object | string>>): string[] {
  const texts = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, typeof file === 'string' ? file : JSON.stringify(file)]),
  );
  return withFolder(texts, (folder) => {
    try {
      readServices(folder);
    } catch (error) {
      const [, ...lines] = (error as Error).message.split('\n');
      return lines.map((line) => line.trim().replaceAll(`${folder}/`, ''));
    }
    return [];
  });
}

const metric = {
  namespace: 'Shop',
  name: 'Backlog',
  statistic: 'Average',
  direction: 'increase',
  dimensions: { R: '{version}' },
};
const one = (file: object) => problems({ 'web.json': { name: 'web', ...file } });

describe('reading service files', () => {
  it('fills in the defaults', () => {
    const files = withFolder({ 'web.json': '{"name":"web"}', 'service.schema.json': '{}', 'notes.md': '' }, readServices);
    expect(files).toEqual([serviceFile({ probes: [] })]);
  });

  it('reads the examples', () => {
    expect(readServices(join(import.meta.dirname, '../../examples/services')).map(({ name }) => name)).toContain('hello');
  });

  it('says everything that is wrong, in all files, at once', () => {
    expect(problems({ 'a.json': { name: 'web', port: 0, mode: 'pol' }, 'b.json': { name: 'W' } })).toEqual([
      'a.json: mode: found "pol", allowed is one of "pool", "beta"',
      'a.json: port: found 0, allowed is a whole number from 1 to 65535',
      'b.json: name: found "W", allowed is text matching ^[a-z][a-z0-9-]{0,18}[a-z0-9]$',
    ]);
  });

  it.each([
    ['a wrong type', { port: '80' }, 'web.json: port: found "80", allowed is a whole number from 1 to 65535'],
    ['a number that is not whole', { nodes: 1.5 }, 'web.json: nodes: found 1.5, allowed is a whole number from 1 to 400'],
    [
      'a multiple that is none',
      { limits: { intervalSeconds: 61 } },
      'web.json: limits.intervalSeconds: found 61, allowed is a whole number from 60 to 3600, a multiple of 60',
    ],
    [
      'a declared metric whose dimensions are the same in every group',
      { metrics: [{ ...metric, dimensions: { Service: '{service}' } }] },
      'web.json: metrics[0].dimensions: nothing tells the compared groups apart: one value needs {version}, {group}, {targetGroup}',
    ],
    [
      'a dimension that stands for nothing known',
      { metrics: [{ ...metric, dimensions: { R: '{release}', V: '{version}' } }] },
      'web.json: metrics[0].dimensions: {release} is unknown; known are {service}, {version}, {build}, {group}, {loadBalancer}, {targetGroup}',
    ],
    [
      'a metric that is told only, and critical',
      { metrics: [{ ...metric, critical: true, dryRun: true }] },
      'web.json: metrics[0].critical: a metric that decides nothing (dryRun) cannot be critical',
    ],
    ['a metric twice', { metrics: [metric, metric] }, 'web.json: metrics[1].name: "Backlog Average" is declared twice'],
    [
      'an element of a list',
      { limits: { slow: [{ overMs: 1, maxPercent: 101 }] } },
      'web.json: limits.slow[0].maxPercent: found 101, allowed is a number from 0 to 100',
    ],
    [
      'a list that is too long',
      { limits: { slow: Array(5).fill({ overMs: 1, maxPercent: 1 }) } },
      /^web\.json: limits\.slow: found \[.*…, allowed is a list of at most 4/,
    ],
    ['a missing field', { probes: [{}] }, /^web\.json: probes\[0\]\.path: is missing; it must be text/],
    ['a truth that is none', { internetFacing: 'yes' }, 'web.json: internetFacing: found "yes", allowed is true or false'],
    [
      'an address that is none',
      { allowFrom: ['999.0.0.0/8'] },
      'web.json: allowFrom[0]: found "999.0.0.0/8", allowed is an IPv4 block like 10.0.0.0/8',
    ],
    [
      'a rule over several fields',
      { mode: 'beta' },
      'web.json: beta: mode "beta" needs a rule: one of beta.header, beta.cookie, beta.host',
    ],
    [
      'a bundle that is to run on AWS',
      { imageFormat: 'bundle' },
      /^web\.json: imageFormat: a bundle boots nowhere but in the local runtime/,
    ],
  ])('explains %s', (_, file, said) => {
    expect(one(file)).toEqual([typeof said === 'string' ? said : expect.stringMatching(said)]);
  });

  it('names the field that was meant', () => {
    expect(one({ canry: {} })).toEqual(['web.json: canry: there is no such field; did you mean "canary"?']);
    expect(one({ health: { intervalSecond: 5 } })).toEqual([
      'web.json: health.intervalSecond: there is no such field; did you mean "intervalSeconds"?',
    ]);
    expect(one({ canary: { zzzzzz: 5 } })).toEqual([
      'web.json: canary.zzzzzz: there is no such field; known are nodes, percent, minutes',
    ]);
  });

  it('refuses what is no JSON, or no object', () => {
    expect(problems({ 'web.json': '{"name":' })).toEqual([expect.stringMatching(/^web\.json: is not JSON: /)]);
    expect(problems({ 'web.json': '[]' })).toEqual([
      expect.stringMatching(/^web\.json: the file: found \[\], allowed is an object with /),
    ]);
    expect(problems({ 'web.json': 'null' })).toEqual([
      expect.stringMatching(/^web\.json: the file: found null, allowed is an object with /),
    ]);
  });

  it('refuses two files with one name', () => {
    expect(problems({ 'a.json': { name: 'web' }, 'b.json': { name: 'web' } })).toEqual([
      'b.json: name: found "web", which a.json has already; each service needs its own name',
    ]);
  });

  it('refuses a service whose release could outlast the workflow', () => {
    const slow = { nodes: 400, promotion: { maxSurge: 1, watchMinutes: 1440 } };
    expect(longestReleaseSeconds(serviceFile(slow))).toBeGreaterThan(RELEASE_SECONDS);
    expect(one(slow)).toEqual([
      expect.stringMatching(/^web\.json: promotion: a release could take \d+ days, allowed are 60: raise promotion\.maxSurge/),
    ]);
  });

  it('refuses a watch that ends before its metrics can be there', () => {
    expect(one({ canary: { minutes: 1 }, limits: { graceMinutes: 2 } })).toEqual([
      expect.stringMatching(/^web\.json: limits: a watch of 3 minute\(s\) with its grace ends before metrics can tell/),
    ]);
  });

  it('lets gate, watches and warm time be as long as each may', () => {
    const patient = {
      canary: { minutes: 2880 },
      debut: { minutes: 2880 },
      warmMinutes: 2880,
      promotion: { gateHours: 168 },
      limits: { intervalSeconds: 3600, graceMinutes: 1440 },
    };
    expect(one(patient)).toEqual([]);
  });

  it('refuses a file that does not fit into its parameter', () => {
    const probes = Array.from({ length: 20 }, (_, n) => ({ path: `/${'x'.repeat(400)}${n}` }));
    expect(one({ probes })).toEqual([
      expect.stringMatching(/^web\.json: the file: found \d+ bytes with its defaults, allowed are 6000/),
    ]);
  });

  it('says which folder cannot be read, and how to choose another', () => {
    expect(() => readServices('/nowhere')).toThrow(
      /\/nowhere: the folder cannot be read; the CDK context "services" chooses one/,
    );
  });
});

describe('the nearest name', () => {
  it('is the one with the fewest changes, if it is near at all', () => {
    expect(nearestName('prot', ['port', 'protocol'])).toBe('port');
    expect(nearestName('PORT', ['port', 'protocol'])).toBe('port');
    expect(nearestName('completely', ['port', 'protocol'])).toBeUndefined();
  });
});
