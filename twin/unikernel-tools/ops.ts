/**
 * Nanos, through `ops build` (NanoVMs). Field names are those of ops' configuration reference; ops refuses a field it does not
 * know, so nothing is written here that is not in it.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { TwinError } from '../twin-error.ts';
import type { Surroundings, UnikernelInput } from './input.ts';
import { runTool } from './run-tool.ts';

export interface OpsConfig {
  readonly Args: readonly string[];
  readonly Env: Readonly<Record<string, string>>;
  readonly Dirs: readonly string[];
  readonly Files: readonly string[];
  readonly LocalFilesParentDirectory: string;
  readonly TargetRoot: string;
  readonly NameServers: readonly string[];
  readonly RunConfig: { readonly Ports: readonly string[]; readonly UDPPorts: readonly string[]; readonly Memory?: string };
  readonly ManifestPassthrough: Readonly<Record<string, string>>;
}

/** Amazon's resolver, where it is for every instance of every VPC; ops' own default is a public one. */
const RESOLVER = '169.254.169.253';

/**
 * Never `RebootOnExit`, nor the debug flags `reboot_on_exit` and `idle_on_exit`: a failed unikernel is to power off, because
 * EC2 tells of that, and of a reset it does not.
 */
export function opsConfig(input: UnikernelInput, top: { readonly directories: string[]; readonly files: string[] }): OpsConfig {
  const portsOf = (protocol: 'tcp' | 'udp') =>
    input.ports.filter((port) => port.protocol === protocol).map(({ port }) => String(port));
  return {
    Args: input.arguments,
    Env: input.environment,
    Dirs: top.directories.toSorted(),
    Files: top.files.toSorted(),
    LocalFilesParentDirectory: input.root,
    // Libraries are looked up in the image's own root, not on the machine that builds it.
    TargetRoot: input.root,
    NameServers: [RESOLVER],
    RunConfig: {
      Ports: portsOf('tcp'),
      UDPPorts: portsOf('udp'),
      ...(input.memoryMiB === undefined ? {} : { Memory: `${input.memoryMiB}M` }),
    },
    // A program that calls out as it starts would find no network yet.
    ManifestPassthrough: { cwd: input.directory, exec_wait_for_ip4_secs: '10' },
  };
}

export async function buildWithOps(program: string, input: UnikernelInput, surroundings: Surroundings): Promise<void> {
  const config = join(input.scratch, 'ops.json');
  await writeFile(config, JSON.stringify(opsConfig(input, await topOf(input.root)), null, 2));
  // With this set, ops replaces every `$NAME` in the configuration by what the environment has.
  const environment = { ...surroundings.environment };
  delete environment['ops_render_config'];
  const image = imageName(input);
  const lines = await runTool({
    program,
    // The program is named from the root, where ops is started: what is absolute it would look for on this machine.
    arguments: ['build', input.entrypoint.slice(1), '-c', config, '-i', image],
    directory: input.root,
    environment,
    tell: surroundings.tell,
  });
  const made = await findImage(lines, image, environment);
  await copyFile(made, input.output, constants.COPYFILE_FICLONE);
  await rm(made, { force: true });
}

async function topOf(root: string) {
  const entries = await readdir(root, { withFileTypes: true });
  const isDirectory = (entry: (typeof entries)[number]) => entry.isDirectory();
  return {
    directories: entries.filter(isDirectory).map(({ name }) => name),
    files: entries.filter((entry) => !isDirectory(entry)).map(({ name }) => name),
  };
}

/** ops cuts a name at its first dot, and keeps all images of a user in one directory. */
const imageName = ({ name, output }: UnikernelInput) =>
  `tandem-${name}-${createHash('sha256').update(output).digest('hex').slice(0, 12)}`;

/** ops says where the image is; releases differ in whether its name ends in `.img`. */
async function findImage(lines: readonly string[], image: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const home = environment['OPS_HOME'] ?? join(environment['HOME'] ?? homedir(), '.ops');
  const told = lines.map((line) => /Bootable image file:\s*(.+)$/.exec(line)?.[1]?.trim()).find((path) => path !== undefined);
  const candidates = [told, join(home, 'images', image), join(home, 'images', `${image}.img`)];
  for (const candidate of candidates) {
    if (candidate !== undefined && isAbsolute(candidate) && (await isFile(candidate))) return candidate;
  }
  throw new TwinError(
    `ops ended well, but there is no image ${image} in ${join(home, 'images')}. Its version may be too old: run ops update.`,
  );
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() === true;
