import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceFileSchema, type ServiceFile } from '../../core/service/service-file.ts';
import { RELEASE_SECONDS } from '../workflows/timeouts.ts';
import { explainIssue } from './explain-issue.ts';
import { sizeProblems } from './file-size.ts';
import { longestReleaseSeconds } from './longest-release.ts';

interface Reading {
  readonly path: string;
  readonly file?: ServiceFile;
  readonly problems: readonly string[];
}

export class ServiceFilesInvalid extends Error {
  override readonly name = 'ServiceFilesInvalid';
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(
      `${problems.length} problem(s) in the service files:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      options,
    );
  }
}

/** Every service file of a folder. Whatever is wrong in any of them is said at once, and nothing is synthesized. */
export function readServices(folder: string): ServiceFile[] {
  const readings = filesOf(folder).map((name) => readService(join(folder, name)));
  const problems = [
    ...readings.flatMap(({ path, problems }) => problems.map((problem) => `${path}: ${problem}`)),
    ...sameNames(readings),
  ];
  if (problems.length > 0) throw new ServiceFilesInvalid(problems);
  return readings.flatMap(({ file }) => file ?? []);
}

function filesOf(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'));
    return names.sort();
  } catch (cause) {
    throw new ServiceFilesInvalid([`${folder}: the folder cannot be read; the CDK context "services" chooses one`], { cause });
  }
}

function readService(path: string): Reading {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return { path, problems: [`is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`] };
  }
  const result = serviceFileSchema.safeParse(content);
  if (!result.success) return { path, problems: result.error.issues.flatMap((issue) => explainIssue(issue, content)) };
  return {
    path,
    file: result.data,
    problems: [...cidrProblems(result.data), ...durationProblems(result.data), ...sizeProblems(result.data)],
  };
}

function cidrProblems({ allowFrom }: ServiceFile): string[] {
  const isBlock = (block: string) => {
    const [address = '', bits = ''] = block.split('/');
    return Number(bits) <= 32 && address.split('.').every((part) => Number(part) <= 255);
  };
  return allowFrom.flatMap((block, index) =>
    isBlock(block) ? [] : [`allowFrom[${index}]: found "${block}", allowed is an IPv4 block like 10.0.0.0/8`],
  );
}

/** The release workflow ends by itself after that time: a service that may need longer would be rolled back for it. */
function durationProblems(file: ServiceFile): string[] {
  const days = (seconds: number) => Math.ceil(seconds / 86_400);
  const longest = longestReleaseSeconds(file);
  if (longest <= RELEASE_SECONDS) return [];
  return [
    `promotion: a release could take ${days(longest)} days, allowed are ${days(RELEASE_SECONDS)}: raise promotion.maxSurge, or lower promotion.watchMinutes or limits.graceMinutes`,
  ];
}

function sameNames(readings: readonly Reading[]): string[] {
  const owners = new Map<string, string>();
  return readings.flatMap(({ path, file }) => {
    if (!file) return [];
    const owner = owners.get(file.name);
    owners.set(file.name, owner ?? path);
    return owner ? [`${path}: name: found "${file.name}", which ${owner} has already; each service needs its own name`] : [];
  });
}
