#!/usr/bin/env node
/** argv → command; exit codes: 0 done, 1 the operator's doing, 2 ours. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { UsageError, type Command, type Io, type OptionValues } from './command.ts';
import { build } from './commands/build.ts';
import { local } from './commands/local.ts';
import { order } from './commands/order.ts';
import { status } from './commands/status.ts';

const COMMANDS: readonly Command[] = [build, local, order, status];

function help(): string {
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(8)} ${command.summary}`);
  return ['usage: tandem COMMAND [--json] [--debug] ...', '', ...lines, '', 'tandem COMMAND --help shows its options.'].join(
    '\n',
  );
}

function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(
    ([name, option]) => `  --${name.padEnd(12)} ${option.help}${option.default === undefined ? '' : ` (${option.default})`}`,
  );
  return [`usage: tandem ${command.name} ${command.usage}`, command.summary, ...options].join('\n');
}

interface Parsed {
  readonly values: OptionValues;
  readonly positionals: readonly string[];
}

const EVERYWHERE: ParseArgsOptionsConfig = { json: { type: 'boolean' }, debug: { type: 'boolean' }, help: { type: 'boolean' } };

function parse(command: Command, args: readonly string[]): Parsed {
  const options: ParseArgsOptionsConfig = { ...EVERYWHERE };
  const defaults: Record<string, string> = {};
  for (const [name, option] of Object.entries(command.options)) {
    options[name] = { type: option.type };
    if (option.default !== undefined) defaults[name] = option.default;
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const given = new Map<string, string | boolean>();
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'string' || typeof value === 'boolean') given.set(name, value);
    return { values: { ...defaults, ...Object.fromEntries(given) }, positionals };
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${helpOf(command)}`, { cause });
  }
}

function ioFor(json: boolean): Io {
  return {
    tell: (line) => json || process.stdout.write(`${line}\n`),
    emit: (value) => json && process.stdout.write(`${JSON.stringify(value)}\n`),
  };
}

async function run([name, ...args]: readonly string[]): Promise<void> {
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) {
    if (name && name !== '--help') throw new UsageError(`"${name}" is no command\n${help()}`);
    process.stdout.write(`${help()}\n`);
    return;
  }
  const { values, positionals } = parse(command, args);
  if (values['help']) process.stdout.write(`${helpOf(command)}\n`);
  else await command.run(positionals, values, ioFor(values['json'] === true));
}

// `tandem status web | head` closes the pipe: that is an end, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

run(process.argv.slice(2)).catch((error: unknown) => {
  const isOperators = error instanceof UsageError;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${isOperators ? '' : 'internal error: '}${text}\n`);
  if (!isOperators || process.argv.includes('--debug'))
    process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : ''}\n`);
  process.exitCode = isOperators ? 1 : 2;
});
