/**
 * A cloud assembly directory as CDK's synth writes it (cloud assembly schema: manifest.json with artifacts of type
 * aws:cloudformation:stack and cdk:asset-manifest) → stacks in dependency order, with their templates and local assets.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inDependencyOrder } from './dependencies.ts';
import { AssemblyError, asObject, asText, isArray, isObject, objectOrEmpty } from './json.ts';
import type { JsonObject } from './json.ts';
import { parseTemplate } from './template.ts';
import type { Template } from './template.ts';

export interface AssemblyStack {
  /** Name of the CloudFormation stack. */
  readonly name: string;
  readonly template: Template;
  /** Asset hash → local file or folder. */
  readonly assets: ReadonlyMap<string, string>;
}

export interface Assembly {
  readonly directory: string;
  readonly stacks: readonly AssemblyStack[];
}

interface Artifact {
  readonly id: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependencies: readonly string[];
}

export function readAssembly(directory: string): Assembly {
  const root = resolve(directory);
  const manifest = asObject(readJson(join(root, 'manifest.json'), directory), 'manifest.json');
  const artifacts = Object.entries(asObject(manifest.artifacts, 'manifest.json artifacts')).map(([id, raw]) =>
    toArtifact(id, raw),
  );
  const assets = new Map(artifacts.flatMap((artifact) => assetsOf(artifact, root)));
  const stacks = stacksInOrder(artifacts).map((artifact) => toStack(artifact, root, assets));
  if (stacks.length === 0) throw new AssemblyError(`${directory} has no stacks; synthesize the app first: npx cdk synth`);
  return { directory: root, stacks };
}

function readJson(path: string, directory: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AssemblyError(
      `${path} cannot be read: ${directory} is not a cloud assembly; synthesize the app first: npx cdk synth`,
      { cause },
    );
  }
}

function toArtifact(id: string, raw: unknown): Artifact {
  const artifact = asObject(raw, `manifest.json artifact ${id}`);
  return {
    id,
    type: asText(artifact.type, `manifest.json artifact ${id} type`),
    properties: objectOrEmpty(artifact.properties),
    dependencies: isArray(artifact.dependencies) ? artifact.dependencies.map((name) => asText(name, `${id} dependencies`)) : [],
  };
}

function stacksInOrder(artifacts: readonly Artifact[]): readonly Artifact[] {
  const byId = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
  const ordered = new Set<Artifact>();
  const visit = (artifact: Artifact) => {
    if (ordered.has(artifact)) return;
    for (const id of artifact.dependencies) {
      const needed = byId.get(id);
      if (needed) visit(needed);
    }
    ordered.add(artifact);
  };
  artifacts.forEach(visit);
  return [...ordered].filter((artifact) => artifact.type === 'aws:cloudformation:stack');
}

function toStack(artifact: Artifact, root: string, assets: ReadonlyMap<string, string>): AssemblyStack {
  const file = asText(artifact.properties.templateFile, `manifest.json artifact ${artifact.id} templateFile`);
  const name = typeof artifact.properties.stackName === 'string' ? artifact.properties.stackName : artifact.id;
  const template = parseTemplate(readJson(join(root, file), root), file);
  return { name, template: { ...template, resources: inDependencyOrder(template.resources, file) }, assets };
}

function assetsOf(artifact: Artifact, root: string): [string, string][] {
  if (artifact.type !== 'cdk:asset-manifest') return [];
  const file = asText(artifact.properties.file, `manifest.json artifact ${artifact.id} file`);
  const files = objectOrEmpty(asObject(readJson(join(root, file), root), file).files);
  return Object.entries(files).flatMap(([hash, raw]): [string, string][] => {
    const source = isObject(raw) ? objectOrEmpty(raw.source) : {};
    return typeof source.path === 'string' ? [[hash, resolve(root, source.path)]] : [];
  });
}

/** S3 keys of file assets are `<hash>.<extension>`, with the synthesizer's prefix before it if there is one. */
export function assetPath(stack: AssemblyStack, properties: JsonObject): string | undefined {
  const key = [objectOrEmpty(properties.Code).S3Key, objectOrEmpty(properties.DefinitionS3Location).Key].find(
    (candidate) => typeof candidate === 'string',
  );
  if (typeof key !== 'string') return undefined;
  const hash = key.slice(key.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  const path = stack.assets.get(hash);
  if (path === undefined) throw new AssemblyError(`stack ${stack.name}: no asset manifest names the asset ${key}`);
  return path;
}
