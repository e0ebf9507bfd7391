/** What every command is: options in, data out. `main.ts` prints the data, as lines or as JSON. */
export interface Io {
  /** Progress and results for people; silent under --json. */
  tell(line: string): void;
  /** One JSON value a line, for programs; silent without --json. */
  emit(value: unknown): void;
}

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly help: string;
  readonly default?: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** How the arguments after the name are written, e.g. `SERVICE VERSION`. */
  readonly usage: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  run(args: readonly string[], options: OptionValues, io: Io): Promise<void>;
}

/** The operator's doing: printed without a stack, exit code 1. The sentence says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function readText(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function readWhole(options: OptionValues, name: string, min: number, max: number): number {
  const text = readText(options, name) ?? '';
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, found "${text}"`);
}
