/** The files made from schemas: services/service.schema.json and twin/twin.schema.json for editors, docs/services.md for people. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { allowedIn, serviceFields, serviceJsonSchema, type FieldSchema } from '../lib/services/field-schema.ts';
import { twinSchema } from '../twin/twin-file.ts';

const ROOT = join(import.meta.dirname, '..');
export const SCHEMA_FILE = join(ROOT, 'services', 'service.schema.json');
export const DOCS_FILE = join(ROOT, 'docs', 'services.md');

export const TWIN_SCHEMA_FILE = join(ROOT, 'twin', 'twin.schema.json');

export const schemaText = () => formatted({ title: 'A Tandem service', ...serviceJsonSchema() }, SCHEMA_FILE);

/** As it is written: what has a default is not required. */
export const twinSchemaText = () =>
  formatted({ title: 'A service and its two images', ...z.toJSONSchema(twinSchema, { io: 'input' }) }, TWIN_SCHEMA_FILE);

const formatted = async (schema: object, filepath: string) =>
  format(JSON.stringify(schema), { ...(await resolveConfig(filepath)), filepath });

export function docsText(): string {
  const { properties = {}, required = [] } = serviceFields();
  const [groups, plain] = [true, false].map((isGroup) =>
    Object.entries(properties).filter(([, field]) => isSection(field) === isGroup),
  );
  return [
    INTRODUCTION,
    table((plain ?? []).map(([name, field]) => row(name, field, required.includes(name)))),
    ...(groups ?? []).map(([name, field]) => section(name, field)),
    RULES,
  ].join('\n\n');
}

const isSection = (field: FieldSchema) => field.type === 'object';

function section(name: string, field: FieldSchema): string {
  return [`## \`${name}\``, field.description ?? '', table(rows(name, field))].join('\n\n');
}

function rows(prefix: string, field: FieldSchema): string[] {
  return Object.entries(field.properties ?? {}).flatMap(([name, inner]) => {
    const path = `${prefix}.${name}`;
    return [row(path, inner, field.required?.includes(name) ?? false), ...(inner.properties ? rows(path, inner) : [])];
  });
}

function row(path: string, field: FieldSchema, isRequired: boolean): string {
  const fallback = field.default === undefined ? (isRequired ? 'required' : 'none') : `\`${JSON.stringify(field.default)}\``;
  const items = field.items?.properties ? itemText(field.items) : '';
  return `| \`${path}\` | ${cell(allowedIn(field))} | ${fallback} | ${cell(field.description ?? '')}${items} |`;
}

function itemText({ properties = {}, required = [] }: FieldSchema): string {
  const each = Object.entries(properties).map(([name, field]) => {
    const fallback = field.default === undefined ? '' : `, by default ${JSON.stringify(field.default)}`;
    return `\`${name}\`${required.includes(name) ? '' : ' (optional)'}: ${cell(allowedIn(field))}${fallback}`;
  });
  return ` Of each: ${each.join('; ')}.`;
}

/** A bar would end the cell; patterns are code. */
const cell = (text: string) => text.replace(/(matching )(.+)$/, '$1`$2`').replaceAll('|', '\\|');

const table = (lines: readonly string[]) =>
  ['| field | what may stand there | default | what it is |', '|---|---|---|---|', ...lines].join('\n');

const INTRODUCTION = `# Service files

One file a service, \`services/<name>.json\` (or another folder, chosen by the CDK context \`services\`). Synth checks all of
them and says everything that is wrong at once: file, field, what was found, what is allowed. This page is made from
the schema by \`npm run build\`; \`services/service.schema.json\` is the same for editors:

\`\`\`json
{ "$schema": "./service.schema.json", "name": "web" }
\`\`\`

Every other field has a default.`;

const RULES = `## Rules over several fields

- \`mode: beta\` needs exactly one of \`beta.header\`, \`beta.cookie\`, \`beta.host\`, protocol \`http\` and at least one Linux node; \`mode: pool\` takes no \`beta\`.
- \`imageFormat: bundle\` needs \`localOnly: true\`: a bundle boots nowhere but in the local runtime.
- \`integrity: signed\` needs \`signingKey\`.
- \`certificateArn\`, \`probes\` and \`nodeMetrics\` are for protocol \`http\` only.
- \`health.timeoutSeconds\` is less than \`health.intervalSeconds\`.
- \`canary.percent\` and \`debut.percent\` count twice each; together they leave 10 percent or more to the stable fleet.
- \`debut.nodes\` is not more than \`nodes\`.
- Each declared metric needs \`{version}\`, \`{group}\` or \`{targetGroup}\` among its dimensions, and no two have the same name and statistic. What is \`dryRun\` cannot be \`critical\`.
- A watch has at most 2000 looks: raise \`limits.intervalSeconds\` for a long one.
- A release must be able to end within 60 days, however slowly it goes: watches, gate, all batches and the warm time together.
- With its defaults filled in, a file has at most 6000 bytes: it travels in an SSM parameter.
- No two files of a folder have the same \`name\`.
`;

export async function writeServiceDocs(): Promise<void> {
  writeFileSync(SCHEMA_FILE, await schemaText());
  writeFileSync(TWIN_SCHEMA_FILE, await twinSchemaText());
  writeFileSync(DOCS_FILE, docsText());
}
