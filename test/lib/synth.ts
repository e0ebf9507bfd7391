import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { serviceFileSchema, type ServiceFile } from '../../core/service/service-file.ts';
import { ControlPlaneStack } from '../../lib/control-plane-stack.ts';
import { ServiceStack } from '../../lib/service-stack.ts';

/** Tiny stand-ins for the functions' bundles. */
export const BUNDLES = join(import.meta.dirname, 'fixtures', 'functions');

export const serviceFile = (over: object = {}): ServiceFile =>
  serviceFileSchema.parse({ name: 'web', probes: [{ path: '/' }], ...over });

export interface Stacks {
  readonly app: App;
  readonly controlPlane: ControlPlaneStack;
  readonly services: readonly ServiceStack[];
}

export function stacks(...files: readonly ServiceFile[]): Stacks {
  const app = new App({ analyticsReporting: false });
  const controlPlane = new ControlPlaneStack(app, 'tandem', { bundles: BUNDLES });
  const services = files.map((file) => new ServiceStack(app, `tandem-${file.name}`, { file, controlPlane, bundles: BUNDLES }));
  return { app, controlPlane, services };
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

export interface Templates {
  readonly controlPlane: Template;
  readonly service: Template;
}

export function templates(over: object = {}): Templates {
  const { controlPlane, services } = stacks(serviceFile(over));
  return { controlPlane: Template.fromStack(controlPlane), service: Template.fromStack(services[0]!) };
}

export const resourcesOf = (template: Template): Record<string, Resource> =>
  template.toJSON()['Resources'] as Record<string, Resource>;

export const ofType = (template: Template, type: string): Resource[] =>
  Object.values(resourcesOf(template)).filter((resource) => resource.Type === type);

/** A folder with these files; removed when `use` has run. */
export function withFolder<Result>(files: Readonly<Record<string, string>>, use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-services-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
