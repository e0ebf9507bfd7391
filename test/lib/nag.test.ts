import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { serviceFile, stacks } from './synth.ts';

interface Report {
  readonly pluginReports: readonly { readonly pluginName: string; readonly violations?: readonly unknown[] }[];
}

describe('AwsSolutions of cdk-nag', () => {
  it('finds nothing in the whole app that is not acknowledged with a reason', () => {
    const { app, controlPlane } = stacks(
      serviceFile({ nodeMetrics: { namespace: 'Web/Nodes' } }),
      serviceFile({ name: 'flow', protocol: 'tcp', probes: [] }),
      serviceFile({ name: 'open', internetFacing: true, allowFrom: ['203.0.113.0/24'] }),
    );
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const { directory } = app.synth();
    const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
    expect(report.pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
    expect(report.pluginReports.flatMap(({ violations }) => violations ?? [])).toEqual([]);
    const reasons = acknowledged(controlPlane.node.findAll());
    expect(reasons.length).toBeGreaterThan(30);
    expect(reasons.filter((reason) => reason.split(' ').length < 6 || !reason.endsWith('.'))).toEqual([]);
  }, 60_000);
});

function acknowledged(
  nodes: readonly { readonly node: { readonly metadata: readonly { type: string; data?: unknown }[] } }[],
): string[] {
  const entries = nodes
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  return entries.flatMap(({ data }) => Object.values(data as Record<string, unknown>).map(String));
}
