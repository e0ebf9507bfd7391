import { AssemblyError, asObject, asText, isArray, isObject, objectOrEmpty } from './json.ts';
import type { JsonObject } from './json.ts';

/** A resource as the template has it: intrinsics not yet resolved. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  /** CDK construct path, or the logical id where the template has none. */
  readonly path: string;
  readonly properties: JsonObject;
  readonly condition?: string;
  readonly dependsOn: readonly string[];
}

export interface TemplateParameter {
  readonly name: string;
  readonly type: string;
  readonly default?: unknown;
}

export interface TemplateOutput {
  readonly name: string;
  readonly value: unknown;
  readonly exportName?: unknown;
  readonly condition?: string;
}

export interface Template {
  readonly parameters: readonly TemplateParameter[];
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly resources: readonly TemplateResource[];
  readonly outputs: readonly TemplateOutput[];
}

export function parseTemplate(raw: unknown, where: string): Template {
  const template = asObject(raw, where);
  if (template.Transform !== undefined) {
    throw new AssemblyError(
      `${where}: transforms run inside CloudFormation only; leave out Transform ${JSON.stringify(template.Transform)}`,
    );
  }
  return {
    parameters: Object.entries(objectOrEmpty(template.Parameters)).map(([name, value]) => parseParameter(name, value, where)),
    mappings: objectOrEmpty(template.Mappings),
    conditions: objectOrEmpty(template.Conditions),
    resources: Object.entries(asObject(template.Resources, `${where} Resources`)).map(([id, value]) =>
      parseResource(id, value, where),
    ),
    outputs: Object.entries(objectOrEmpty(template.Outputs)).map(([name, value]) => parseOutput(name, value, where)),
  };
}

function parseParameter(name: string, raw: unknown, where: string): TemplateParameter {
  const parameter = asObject(raw, `${where} parameter ${name}`);
  return { name, type: asText(parameter.Type, `${where} parameter ${name} Type`), default: parameter.Default };
}

function parseResource(logicalId: string, raw: unknown, where: string): TemplateResource {
  const at = `${where} resource ${logicalId}`;
  const resource = asObject(raw, at);
  const cdkPath = objectOrEmpty(resource.Metadata)['aws:cdk:path'];
  return {
    logicalId,
    type: asText(resource.Type, `${at} Type`),
    path: typeof cdkPath === 'string' ? cdkPath : logicalId,
    properties: objectOrEmpty(resource.Properties),
    ...(resource.Condition === undefined ? {} : { condition: asText(resource.Condition, `${at} Condition`) }),
    dependsOn: toList(resource.DependsOn).map((id) => asText(id, `${at} DependsOn`)),
  };
}

function parseOutput(name: string, raw: unknown, where: string): TemplateOutput {
  const output = asObject(raw, `${where} output ${name}`);
  return {
    name,
    value: output.Value,
    ...(isObject(output.Export) ? { exportName: output.Export.Name } : {}),
    ...(output.Condition === undefined ? {} : { condition: asText(output.Condition, `${where} output ${name} Condition`) }),
  };
}

const toList = (value: unknown): readonly unknown[] => (value === undefined ? [] : isArray(value) ? value : [value]);
