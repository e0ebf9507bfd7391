/** The programs and firmware a virtual machine needs, where they are, and what to install when they are not. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Tools {
  readonly qemu: string;
  readonly qemuImg: string;
  /** OpenBSD's netcat: QEMU starts one for each request to the metadata service. */
  readonly nc: string | undefined;
  /** Makes the kernel kill QEMU when the runtime dies, however it dies. */
  readonly setpriv: string | undefined;
  readonly firmware: Firmware | undefined;
}

/** OVMF: the code is shared; each machine has variables of its own. */
export interface Firmware {
  readonly code: string;
  readonly variables: string;
}

const INSTALL = 'install it (Debian: apt-get install qemu-system-x86 qemu-utils ovmf netcat-openbsd)';

/** Debian and Ubuntu, Fedora, Arch. */
const FIRMWARE: readonly Firmware[] = [
  { code: '/usr/share/OVMF/OVMF_CODE.fd', variables: '/usr/share/OVMF/OVMF_VARS.fd' },
  { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
  { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', variables: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
];

export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}

export const missing = (what: string) => new MissingTool(`${what} is not on this machine; ${INSTALL}`);

/** `path` as the environment has it. */
export function findTools(path: string): Tools {
  const find = (name: string) =>
    path
      .split(delimiter)
      .map((directory) => join(directory, name))
      .find((file) => isThere(file, constants.X_OK));
  const [qemu, qemuImg] = [find('qemu-system-x86_64'), find('qemu-img')];
  if (qemu === undefined) throw missing('qemu-system-x86_64, which boots disk images,');
  if (qemuImg === undefined) throw missing('qemu-img, which makes disks for QEMU,');
  const firmware = FIRMWARE.find(({ code, variables }) => isThere(code) && isThere(variables));
  return { qemu, qemuImg, nc: find('nc.openbsd') ?? find('nc'), setpriv: find('setpriv'), firmware };
}

function isThere(file: string, mode = constants.R_OK): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
