/** Reads the tar at the start of a disk, and trusts nothing in it. */
import { posix } from 'node:path';
import { extract } from 'tar-stream';
import type { ExtractEvents, Header } from 'tar-stream';
import { bytesOf } from '../../../kernel/body.ts';
import type { SnapshotReader } from '../../../kernel/ports.ts';

const MAX_ENTRIES = 20_000;
const MAX_BYTES = 2 * 2 ** 30;
const PIECE_BYTES = 1 << 20;

export type BundleEntry =
  | { readonly kind: 'directory'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly mode: number; readonly bytes: number }
  | { readonly kind: 'link'; readonly name: string; readonly target: string };

export class BundleRefused extends Error {
  override readonly name = 'BundleRefused';
}

/** Holds an archive to its limits while it is read. */
class Inspector {
  readonly #names = new Set<string>();
  readonly #links = new Set<string>();
  #bytes = 0;

  check(header: Header): BundleEntry {
    const name = this.#checkName(header.name);
    this.#bytes += header.size;
    if (this.#names.size > MAX_ENTRIES) throw new BundleRefused(`the bundle has more than ${MAX_ENTRIES} entries`);
    if (this.#bytes > MAX_BYTES) throw new BundleRefused(`the bundle unpacks to more than ${MAX_BYTES} bytes`);
    switch (header.type) {
      case 'directory':
        return { kind: 'directory', name };
      case 'file':
      case 'contiguous-file':
        return { kind: 'file', name, mode: header.mode, bytes: header.size };
      case 'symlink':
        this.#links.add(name);
        return { kind: 'link', name, target: checkTarget(name, header.linkname) };
      default:
        throw new BundleRefused(`"${name}" is a ${header.type}; a bundle has files, directories and symbolic links`);
    }
  }

  #checkName(given: string): string {
    const name = posix.normalize(given).replace(/\/$/, '');
    if (given === '' || given.includes('\0') || posix.isAbsolute(name) || name === '..' || name.startsWith('../'))
      throw new BundleRefused(`"${given}" lies outside the bundle`);
    if (this.#names.has(name) && name !== '.') throw new BundleRefused(`"${name}" is in the bundle twice`);
    // Written through a link, a file could land anywhere the link leads.
    for (let above = posix.dirname(name); above !== '.'; above = posix.dirname(above))
      if (this.#links.has(above)) throw new BundleRefused(`"${name}" lies behind the link "${above}"`);
    this.#names.add(name);
    return name;
  }
}

/** `..` only at the start: after another link it would mean something else than it says. */
function checkTarget(name: string, target: string): string {
  const resolved = posix.normalize(posix.join(posix.dirname(name), target));
  const climbsLate = /(^|\/)(?!\.\.(\/|$))[^/]+\/(.*\/)?\.\.(\/|$)/.test(target);
  if (target === '' || posix.isAbsolute(target) || climbsLate || resolved === '..' || resolved.startsWith('../'))
    throw new BundleRefused(`the link "${name}" leads out of the bundle, to "${target}"`);
  return target;
}

type Source = ExtractEvents['entry'][1];
type Take = (entry: BundleEntry, content: AsyncIterable<Uint8Array>) => Promise<void>;

/** Hands every entry to `take`, in order, with its content to read. */
export async function readBundle(disk: SnapshotReader, take: Take): Promise<void> {
  const reading = new Reading(disk, take);
  await reading.run();
}

/**
 * A volume does not say where its archive ends. What was written of it is fed to the parser, and beyond that only the
 * zeros a file's content may end in: blocks of zeros are not written to snapshots.
 */
class Reading {
  readonly #disk: SnapshotReader;
  readonly #take: Take;
  readonly #inspector = new Inspector();
  readonly #tar = extract();
  readonly #failed: Promise<never>;
  #takeFailure: Error | undefined;
  #fed = 0;
  #needed: number;

  constructor(disk: SnapshotReader, take: Take) {
    this.#disk = disk;
    this.#take = take;
    this.#needed = disk.dataBytes;
    this.#failed = new Promise((_resolve, reject) => this.#tar.once('error', reject));
    this.#tar.on('entry', (header, content, next) => {
      this.#needed = Math.max(this.#needed, this.#fed + header.size + 1024);
      // A failure of the archive is told once, by the archive; without a listener the entry's own copy of it is fatal.
      content.on('error', () => undefined);
      this.#pass(header, content).then(
        () => next(),
        (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
      );
    });
  }

  async run(): Promise<void> {
    try {
      await Promise.race([this.#feed(), this.#failed]);
      const finished = new Promise<void>((resolve) => this.#tar.once('finish', resolve));
      this.#tar.end(null);
      await Promise.race([finished, this.#failed]);
    } catch (cause) {
      throw this.#takeFailure ?? new BundleRefused('the bundle is not a readable tar', { cause });
    }
  }

  async #pass(header: Header, content: Source): Promise<void> {
    await this.#take(this.#inspector.check(header), bytesOf(content));
    content.resume();
  }

  #fail(error: Error): void {
    this.#takeFailure = error;
    this.#tar.destroy(error);
  }

  async #feed(): Promise<void> {
    const end = () => Math.min(this.#needed, this.#disk.volumeBytes);
    while (this.#fed < end()) {
      const piece = await this.#disk.read(this.#fed, PIECE_BYTES);
      this.#fed += piece.length;
      // Drained means parsed, so by now every entry that began in this piece has said how much it needs.
      if (!this.#tar.write(piece)) await new Promise<void>((resolve) => this.#tar.once('drain', resolve));
    }
  }
}
