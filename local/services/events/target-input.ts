/** What a target receives: the event, a constant, a part of the event, or a template filled from it (EventBridge user guide, "input transformation"). */
export interface TargetInput {
  readonly input?: string;
  readonly inputPath?: string;
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
}

/** Context of the rule that matched, for EventBridge's predefined variables. */
export interface RuleFacts {
  readonly arn: string;
  readonly name: string;
}

/** As text: JSON, save where a template makes something else. */
export function targetInput(input: TargetInput, event: unknown, rule: RuleFacts): string {
  if (input.input !== undefined) return input.input;
  if (input.inputPath !== undefined) return JSON.stringify(atPath(event, input.inputPath) ?? null);
  if (input.transformer !== undefined) return transform(input.transformer, event, rule);
  return JSON.stringify(event);
}

/** `$.detail.object.key`, `$.resources[0]` */
function atPath(event: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? index ?? '');
  return steps.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    event,
  );
}

/** `<name>` inside quotes is filled in as text, elsewhere as JSON. What a path does not find is empty text, or null. */
function transform({ paths, template }: NonNullable<TargetInput['transformer']>, event: unknown, rule: RuleFacts): string {
  const known: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, atPath(event, path)])),
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event': event,
    'aws.events.event.json': event,
    'aws.events.event.ingestion-time': atPath(event, '$.time'),
  };
  let isQuoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/gs, (part, name?: string) => {
    if (part === '"') isQuoted = !isQuoted;
    if (name === undefined || !(name in known)) return part;
    return isQuoted ? quoted(known[name]) : JSON.stringify(known[name] ?? null);
  });
}

const quoted = (value: unknown) => {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
};
