/** Which of the three forms `unikernel.raw` takes. It is said aloud: a release's page must not call a Linux kernel a unikernel. */
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { TwinError } from '../twin-error.ts';

export const FORMS = ['ops', 'kraft', 'single-process'] as const;
export type Form = (typeof FORMS)[number];

const TOOLS = ['ops', 'kraft'] as const;

export type Choice =
  | { readonly form: 'ops' | 'kraft'; readonly program: string; readonly statement: string }
  | { readonly form: 'single-process'; readonly statement: string };

const STATEMENTS: Readonly<Record<Form, string>> = {
  ops: 'unikernel.raw is a Nanos unikernel, made by ops: one program, no processes, no shell. It boots on EC2 and on QEMU.',
  // Unikraft has drivers for virtio and Xen; instances of the Nitro system have ENA and NVMe.
  kraft:
    'unikernel.raw is a Unikraft unikernel, made by kraft. It boots on QEMU; it has no driver for the network card and the disks of EC2 Nitro instances and does NOT boot there: build with ops or as a single process for EC2.',
  'single-process':
    'unikernel.raw is a single-process image: a Linux kernel with the service as its only process, read-only, without shell or login. It is not a unikernel: install ops (https://ops.city) for one. It boots on EC2 and on QEMU.',
};

/** What the user asked for; or else ops, then kraft, as the PATH has them; or else a single process. */
export function chooseForm(wanted: Form | undefined, path: string): Choice {
  const form = wanted ?? TOOLS.find((tool) => find(tool, path) !== undefined) ?? 'single-process';
  const statement = STATEMENTS[form];
  if (form === 'single-process') return { form, statement };
  const program = find(form, path);
  if (program !== undefined) return { form, program, statement };
  throw new TwinError(`${form} is not on the PATH; ${INSTALL[form]}, or build a single-process image.`);
}

const INSTALL = {
  ops: 'install it (https://ops.city/docs)',
  kraft: 'install it (https://unikraft.org/docs/cli/install)',
} as const;

/** Only absolute places: a program of that name in the directory we happen to be in is not meant. */
function find(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .map((directory) => join(directory, name))
    .find((file) => isProgram(file));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
