import { readText, UsageError, type Command, type Io } from '../command.ts';
import type { BuiltTwin } from '../../twin/build-twin.ts';
import type { BuildProgress } from '../../twin/progress.ts';

const MEBIBYTE = 2 ** 20;

export const build: Command = {
  name: 'build',
  summary: 'Make both images of a release, linux.raw and unikernel.raw, from a folder with a twin.json',
  usage: 'DIR --version VERSION [--out DIR] [--form ops|kraft|single-process]',
  options: {
    version: { type: 'string', help: 'Of the release: 1.4.2' },
    out: { type: 'string', help: 'Where linux.raw, unikernel.raw and release.json go; DIR/build without it' },
    form: {
      type: 'string',
      help: 'What unikernel.raw is; without it ops or kraft where they are on the PATH, else single-process',
    },
    verbose: { type: 'boolean', help: 'Every line of the tools' },
  },
  async run([folder, ...more], options, io) {
    const version = readText(options, 'version');
    if (folder === undefined || more.length > 0 || version === undefined)
      throw new UsageError(`usage: tandem build ${this.usage}`);
    // Only this command needs them.
    const { buildTwin } = await import('../../twin/build-twin.ts');
    const { FORMS } = await import('../../twin/unikernel-tools/find-tool.ts');
    const wanted = readText(options, 'form');
    const form = FORMS.find((one) => one === wanted);
    if (wanted !== undefined && form === undefined) throw new UsageError(`--form is "${wanted}"; allowed: ${FORMS.join(', ')}`);
    const request = { folder, version, out: readText(options, 'out') ?? `${folder}/build`, form, environment: process.env };
    const built = await buildTwin(request, (progress) => show(progress, io, options['verbose'] === true)).catch(
      (error: unknown) => {
        throw error instanceof Error && error.name === 'TwinError' ? new UsageError(error.message, { cause: error }) : error;
      },
    );
    tellBuilt(built, io);
  },
};

function show(progress: BuildProgress, io: Io, isVerbose: boolean): void {
  if (progress.kind !== 'tool' || isVerbose) io.emit(progress);
  if (progress.kind === 'progress') io.tell(`[${progress.step}] ${progress.text}`);
  if (progress.kind === 'tool' && isVerbose) io.tell(`    ${progress.line}`);
}

function tellBuilt(built: BuiltTwin, io: Io): void {
  io.emit({ kind: 'built', ...built });
  io.tell('');
  for (const { path, bytes, sha256 } of built.files) io.tell(`${path}  ${(bytes / MEBIBYTE).toFixed(1)} MiB  sha256:${sha256}`);
  io.tell(`source  sha256:${built.source}`);
  io.tell(built.statement);
}
