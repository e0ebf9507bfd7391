/** The initial RAM disk: the first process, its configuration, and the kernel's modules, as a "newc" archive. */

export interface RamDisk {
  readonly init: Buffer;
  readonly configuration: GuestConfiguration;
  /** In the order in which they are loaded. */
  readonly modules: readonly { readonly name: string; readonly bytes: Buffer }[];
}

/** `/tandem.conf`: guest/README.md has each key. */
export interface GuestConfiguration {
  readonly name: string;
  readonly disk: string;
  readonly writable: 0 | 1;
  readonly supervised: 0 | 1;
  readonly data: 0 | 1;
  readonly uid: number;
  /** Hexadecimal. */
  readonly capabilities: string;
  readonly stop: number;
  readonly grace: number;
  readonly directory: string;
  readonly argument: readonly string[];
  readonly environment: readonly string[];
}

export interface CpioEntry {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
  /** Major and minor. */
  readonly device?: readonly [number, number];
}

const DIRECTORY = 0o040755;
const FILE = 0o100644;
const PROGRAM = 0o100755;
const CONSOLE = 0o020600;
const NOTHING = Buffer.alloc(0);

export function makeRamDisk({ init, configuration, modules }: RamDisk): Buffer {
  return toArchive([
    ...['dev', 'proc', 'sys', 'modules'].map((name) => ({ name, mode: DIRECTORY, bytes: NOTHING })),
    // Where the kernel's own console cannot be opened, the first process would be mute.
    { name: 'dev/console', mode: CONSOLE, bytes: NOTHING, device: [5, 1] },
    { name: 'init', mode: PROGRAM, bytes: init },
    { name: 'tandem.conf', mode: FILE, bytes: toRecords(configuration) },
    ...modules.map(({ name, bytes }, index) => ({
      name: `modules/${String(index).padStart(2, '0')}-${name}.ko`,
      mode: FILE,
      bytes,
    })),
  ]);
}

export const toRecords = (
  configuration: Readonly<Record<keyof GuestConfiguration, string | number | readonly string[]>>,
): Buffer =>
  Buffer.from(
    Object.entries(configuration)
      .flatMap(([key, value]) => (typeof value === 'object' ? value : [value]).map((one) => `${key}=${one}\0`))
      .join(''),
  );

export const toArchive = (entries: readonly CpioEntry[]): Buffer =>
  Buffer.concat([...entries, { name: 'TRAILER!!!', mode: 0, bytes: NOTHING }].map(toCpio));

/** Eight hexadecimal digits a field, names and contents padded to four bytes. */
function toCpio({ name, mode, bytes, device: [major, minor] = [0, 0] }: CpioEntry, index: number): Buffer {
  const fields = [index + 1, mode, 0, 0, 1, 0, bytes.length, 0, 0, major, minor, name.length + 1, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const pad = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);
  return Buffer.concat([Buffer.from(head), pad(head.length), bytes, pad(bytes.length)]);
}
