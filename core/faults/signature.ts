/** One thing that a console can say about an end, and how it is read. */
import type { CrashClass, Platform } from './fault.ts';

/**
 * kernel: the kernel's (or the hypervisor's) own failure · runtime: what a language's runtime or the C library says last ·
 * claim: a failed assertion with its place, in whatever words: it explains a signal, and may be survived ·
 * signal: which signal ended the program · service: what a service says of itself · soft: what a program may survive ·
 * end: how it ended, without a cause · word: a mere word. The first that is found is what the end is called by.
 */
export const WEIGHTS = ['kernel', 'runtime', 'claim', 'signal', 'service', 'soft', 'end', 'word'] as const;
export type Weight = (typeof WEIGHTS)[number];

export type Groups = Readonly<Record<string, string | undefined>>;

export interface Finding {
  readonly crashClass: CrashClass;
  /** One line for people. */
  readonly summary: string;
  /** What stays the same of it, besides its class. */
  readonly key: readonly string[];
  /** The same in both builds, where it is the runtime that speaks. */
  readonly runtimeKey?: string;
  /** Further lines it rests on. */
  readonly lines?: readonly string[];
}

/** The lines around the one that matched, of the same writer: the kernel's come in between the program's. */
export interface Around {
  readonly line: string;
  after(count: number): readonly string[];
  before(count: number): readonly string[];
}

export interface Signature {
  /** Every line that matches contains one of them. It is looked for first, because that costs next to nothing. */
  readonly hints: readonly string[];
  readonly pattern: RegExp;
  readonly weight: Weight;
  readonly platform?: Platform;
  /** Undefined: it is not what it looked like. */
  readonly read: (groups: Groups, around: Around) => Finding | undefined;
}

/** The first match of a pattern in lines, with its groups. */
export function seek(lines: readonly string[], pattern: RegExp): Groups | undefined {
  for (const line of lines) {
    const found = pattern.exec(line);
    if (found) return found.groups ?? {};
  }
  return undefined;
}

export const seekAll = (lines: readonly string[], pattern: RegExp): readonly Groups[] =>
  lines.flatMap((line) => {
    const found = pattern.exec(line);
    return found ? [found.groups ?? {}] : [];
  });

/** A class by the first pattern that fits. */
export const classBy = (text: string, rules: readonly (readonly [RegExp, CrashClass])[], otherwise: CrashClass): CrashClass =>
  rules.find(([pattern]) => pattern.test(text))?.[1] ?? otherwise;
