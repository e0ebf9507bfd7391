/** The function's environment, as its contract names it. A missing variable stops the function at its start, by name. */
export function readEnv<const Names extends readonly string[]>(names: Names): Readonly<Record<Names[number], string>> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new Error(
      `Environment variable ${missing.join(', ')} is not set; the function's construct declares it from its contract`,
    );
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])) as Record<Names[number], string>;
}
