/** Semantic Versioning 2.0.0, without build metadata: `+` is not allowed in all the names a version becomes part of. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?$/;
const LONGEST = 32;

/** What is wrong with it, or undefined. */
export function versionFault(version: string): string | undefined {
  if (version.length > LONGEST) return `version "${version.slice(0, LONGEST)}…" is longer than ${LONGEST} characters`;
  if (version.includes('+')) return `version "${version}" has build metadata: leave out what follows the "+"`;
  if (!SEMVER.test(version))
    return `version "${version}" is not semantic: use <major>.<minor>.<patch>, as in 1.4.2 or 1.4.2-rc.1`;
  return undefined;
}
