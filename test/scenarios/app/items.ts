/** Items of the table as plain values, and the parts of them the tests look at. */
import type { Verdict } from '../../../core/release/release.ts';

export interface ReleaseItem {
  readonly version: string;
  readonly stage: string;
  readonly fence: number;
  readonly paused: boolean;
  readonly committedAt?: number;
  readonly images: Readonly<Record<string, { readonly imageId?: string; readonly versionId: string }>>;
  readonly verdicts: readonly (Verdict & { readonly stage: string })[];
  readonly orders: readonly { readonly kind: string; readonly by: string }[];
  readonly transitions: readonly {
    readonly id: string;
    readonly stage: string;
    readonly at: number;
    readonly why: string;
    readonly by: string;
    readonly about?: string;
  }[];
}

export interface ServiceItem {
  readonly fence: number;
  readonly inFlight?: string;
  readonly stable?: { readonly version: string; readonly fleet: string };
  readonly queue: readonly string[];
}

export interface RefusalItem {
  readonly key: string;
  readonly why: string;
}

export interface SlotItem {
  readonly id: string;
  readonly group: string;
  readonly build: string;
  readonly version: string;
  readonly state: string;
  readonly attempt: number;
  readonly zone: string;
  readonly failures?: number;
  readonly launchedAt?: number;
  readonly instanceId?: string;
  readonly healthyAt?: number;
  readonly twin?: { readonly why: string };
  readonly condemned?: readonly { readonly faultId: string; readonly instanceId: string; readonly detectedAt: number }[];
}

export interface FaultItem {
  readonly id: string;
  readonly version: string;
  readonly build: string;
  readonly group: string;
  readonly slot: string;
  readonly instanceId: string;
  readonly way: string;
  readonly at: number;
  readonly detectedAt: number;
  readonly wasInFlight: boolean;
  readonly crash: { readonly crashClass: string; readonly fingerprint: string; readonly summary: string };
  readonly escalation: { readonly kind: string; readonly why: string };
  readonly evidence: { readonly captured: number; readonly missed: number };
  readonly isFinal: boolean;
  readonly replacement: {
    readonly build: string;
    readonly launchedAt?: number;
    readonly healthyAt?: number;
    readonly none?: string;
  };
  readonly notified: boolean;
}

/** DynamoDB's typed values as plain ones. */
export function toPlain(value: unknown): unknown {
  const [[type, inner] = ['NULL', null]] = Object.entries(value as Record<string, unknown>);
  if (type === 'M') return Object.fromEntries(Object.entries(inner as object).map(([name, one]) => [name, toPlain(one)]));
  if (type === 'L') return (inner as unknown[]).map(toPlain);
  if (type === 'N') return Number(inner);
  return type === 'NULL' ? null : inner;
}

/** Its stages in their order, remarks and repeats left out. */
export const stagesOf = ({ transitions }: ReleaseItem) =>
  transitions.filter(({ about }) => about === undefined).map(({ stage }) => stage);

export const lastWhy = ({ transitions }: ReleaseItem) => transitions.at(-1)?.why ?? '';
