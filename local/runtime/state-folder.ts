/**
 * The folder that keeps an account between runs: one file that is the account, what is too large for it beside it, and a
 * lock. The file is written aside and renamed into place, so it is always a whole one of some moment.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isAlive, nameOf } from './children.ts';

/** Raised when a file of the version before could no longer be taken back. */
const VERSION = 1;

const stateFile = z.object({
  version: z.literal(VERSION),
  /** How many runs this account has had. */
  runs: z.number(),
  region: z.string(),
  /** Account time. */
  at: z.number(),
  /** Physical names of the resources that kept things lie in, by stack and logical id. */
  names: z.record(z.string(), z.string()),
  /** What each service gave. */
  services: z.record(z.string(), z.unknown()),
});

export type StateFile = Omit<z.infer<typeof stateFile>, 'version'>;

const lockFile = z.object({ pid: z.number(), startedAt: z.string() });

/** The folder cannot be used as it is; the message says why and what to do. */
export class StateFolderError extends Error {
  override readonly name = 'StateFolderError';

  constructor(directory: string, problem: string, options: ErrorOptions & { readonly fix?: string } = {}) {
    const { fix = 'Give another folder with --state, or remove this one to begin with an empty account.' } = options;
    super(`the state folder ${directory} cannot be used: ${problem}. ${fix}`, options);
  }
}

export class StateFolder {
  readonly directory: string;
  readonly saved: StateFile | undefined;

  /** Takes the folder for this process; nobody else may open it until it is released. */
  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    this.#lock();
    try {
      this.saved = this.#read();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  async write(file: StateFile): Promise<void> {
    const aside = `${this.#path}.new`;
    const handle = await open(aside, 'w');
    try {
      await handle.writeFile(JSON.stringify({ version: VERSION, ...file }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, this.#path);
  }

  release(): void {
    rmSync(this.#lockPath, { force: true });
  }

  get #path(): string {
    return join(this.directory, 'account.json');
  }

  get #lockPath(): string {
    return join(this.directory, 'lock.json');
  }

  #lock(): void {
    const holder = this.#holder();
    if (holder !== undefined && isAlive(holder))
      throw new StateFolderError(this.directory, `the local runtime with process id ${holder.pid} uses it`, {
        fix: 'Stop that one, or give another folder with --state.',
      });
    const stale = `${this.#lockPath}.stale`;
    try {
      // Moved, not removed: of two that find the same stale lock, only one moves it away.
      if (holder !== undefined) renameSync(this.#lockPath, stale);
      writeFileSync(this.#lockPath, JSON.stringify(nameOf(process.pid)), { flag: 'wx' });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StateFolderError(this.directory, `it cannot be locked (${why}); another runtime may just be taking it`, {
        cause,
      });
    }
    rmSync(stale, { force: true });
  }

  /** Undefined: nobody. A lock that cannot be read is one whose writer died writing it. */
  #holder(): z.infer<typeof lockFile> | undefined {
    const text = readIfThere(this.#lockPath);
    if (text === undefined) return undefined;
    const parsed = lockFile.safeParse(parseJson(text));
    return parsed.success ? parsed.data : { pid: 0, startedAt: 'unknown' };
  }

  #read(): StateFile | undefined {
    const text = readIfThere(this.#path);
    if (text === undefined) return undefined;
    const found = parseJson(text);
    if (found === undefined) throw new StateFolderError(this.directory, 'its account.json is not whole');
    const { version } = z.looseObject({ version: z.unknown() }).catch({ version: undefined }).parse(found);
    if (version !== VERSION)
      throw new StateFolderError(
        this.directory,
        `its account.json has format ${JSON.stringify(version)}, and this version of Tandem reads ${VERSION}`,
      );
    const parsed = stateFile.safeParse(found);
    if (parsed.success) return parsed.data;
    throw new StateFolderError(this.directory, `its account.json is damaged (${z.prettifyError(parsed.error)})`);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
