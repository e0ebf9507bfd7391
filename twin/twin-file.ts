/** `twin.json`: what a user says about a service so that both images can be made of it. */
import { constants } from 'node:os';
import * as z from 'zod';
import { CAPABILITIES } from './capabilities.ts';
import { TwinError } from './twin-error.ts';

const SIGNALS = Object.keys(constants.signals).filter((name) => !['SIGKILL', 'SIGSTOP'].includes(name));

/** No empty part, no `.` or `..`: what is checked is where it lands. */
const inside = /^(?!.*(^|\/)\.{1,2}(\/|$))(?!.*\/\/)[^\0]+$/;
const absolute = z
  .string()
  .max(512)
  .regex(/^\/[^\0]*[^/\0]$/, 'must be an absolute path in the image, such as /app/hello')
  .regex(inside, 'must not have empty parts, "." or ".."');

const text = z
  .string()
  .max(8192)
  .refine((value) => !value.includes('\0'), 'must not have a NUL character');

const file = z
  .strictObject({
    source: z.string().min(1).max(512).optional().describe('File or folder on this machine, relative to `twin.json`.'),
    text: z.string().max(65_536).optional().describe('The content itself, instead of `source`.'),
    target: absolute.describe('Where it is in the image: absolute.'),
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as "0644"')
      .optional()
      .describe('Permissions, octal. Without it: 0755 for what its owner may execute here, 0644 for the rest.'),
    only: z.enum(['linux', 'unikernel']).optional().describe('Which of the two images has it. Without it: both.'),
  })
  .refine((one) => (one.source === undefined) !== (one.text === undefined), { message: 'give exactly one of source and text' });

const port = z.strictObject({
  port: z.int().min(1).max(65_535).describe('Number of the port the service listens on.'),
  protocol: z
    .enum(['http', 'tcp', 'udp'])
    .default('http')
    .describe('What it speaks there. Of `http` ports the Linux image remembers the last requests.'),
});

export const twinSchema = z.strictObject({
  $schema: z.string().optional().describe('For the editor; not read.'),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/, 'must be 2 to 20 small letters, digits and dashes')
    .describe('Name of the service: the one of its service file, and the first part of its image keys.'),
  entrypoint: absolute.describe('The program: its absolute path in the image.'),
  arguments: z.array(text).max(100).default([]).describe('What it is started with, after its name.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable'), text)
    .refine((all) => Object.keys(all).length <= 100, 'must be at most 100 variables')
    .default({})
    .describe('Its environment. `PATH` and `HOME` are set unless they are here.'),
  directory: z
    .union([z.literal('/'), absolute])
    .default('/')
    .describe('Where it starts.'),
  ports: z.array(port).max(32).default([]).describe('Where it listens.'),
  files: z.array(file).max(1000).default([]).describe('What is put into the images. Shared libraries come along by themselves.'),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package'))
    .max(50)
    .default([])
    .describe('Debian packages that are unpacked into both images, with what they depend on.'),
  dataVolume: z.boolean().default(false).describe('Whether a data volume is mounted at `/data`, where the service may write.'),
  capabilities: z
    .array(z.enum(CAPABILITIES))
    .max(CAPABILITIES.length)
    .default([])
    .describe(
      'Rights of root it has though it is not root, by the names of the kernel, such as `CAP_NET_ADMIN`. In Linux kernels only.',
    ),
  kernel: z
    .string()
    .max(200)
    .regex(
      /^linux-image-\d[a-z0-9.+-]*-cloud-amd64_[A-Za-z0-9.+~%-]+_amd64$/,
      'must be a kernel as "source.kernel" of a release.json names it, such as linux-image-6.1.0-56-cloud-amd64_6.1.192-2_amd64',
    )
    .optional()
    .describe('Debian kernel of both images, as `source.kernel` of a `release.json` names it. Without it: the newest apt knows.'),
  stop: z
    .strictObject({
      signal: z.enum(SIGNALS).default('SIGTERM').describe('What asks the service to end.'),
      graceSeconds: z.int().min(0).max(300).default(10).describe('Seconds it is given; then it is killed.'),
    })
    .prefault({})
    .describe('How it is stopped.'),
  memoryMiB: z
    .int()
    .min(64)
    .max(1_048_576)
    .optional()
    .describe('Memory ops gives its own trial runs; the instance type decides for real.'),
});

export type TwinFile = z.infer<typeof twinSchema>;
export type TwinFileEntry = TwinFile['files'][number];

export function parseTwin(json: string, path: string): TwinFile {
  const value = readJson(json, path);
  const parsed = twinSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) => sayIssue(issue, value));
  throw new TwinError([`${path} has ${lines.length === 1 ? 'an error' : `${lines.length} errors`}:`, ...lines].join('\n  '));
}

function readJson(json: string, path: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new TwinError(`${path} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Field, what is there, what may be. */
function sayIssue(issue: z.core.$ZodIssue, root: unknown): readonly string[] {
  const field = sayPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(issue.path.length === 0 ? twinSchema.shape : {});
    return issue.keys.map(
      (key) => `${sayPath([...issue.path, key])}: unknown field${known.length > 0 ? `; allowed: ${known.join(', ')}` : ''}`,
    );
  }
  const found = at(root, issue.path);
  if (found === undefined && issue.code !== 'custom') return [`${field}: missing`];
  if (issue.code === 'invalid_value') return [`${field}: found ${show(found)}, allowed: ${issue.values.map(String).join(', ')}`];
  return [`${field}: found ${show(found)}: ${issue.message}`];
}

const sayPath = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (all, part) => (typeof part === 'number' ? `${all}[${part}]` : all === '' ? String(part) : `${all}.${String(part)}`),
    '',
  ) || 'twin.json';

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === String(part))?.[1];
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
