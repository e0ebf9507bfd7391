/** What a campaign's threads are told, and what they answer. */
import { z } from 'zod';
import type { LiveScore } from '../live/campaign.ts';
import type { Score } from './campaign.ts';

export const TASK = z.object({
  kind: z.enum(['scenario', 'edge', 'live']),
  name: z.string(),
  runs: z.number(),
  campaign: z.number(),
});

export type Task = z.infer<typeof TASK>;

export type Result =
  | { readonly kind: 'scenario'; readonly name: string; readonly scores: readonly Score[] }
  | { readonly kind: 'edge'; readonly name: string; readonly rejected: number }
  | { readonly kind: 'live'; readonly name: string; readonly score: LiveScore };
