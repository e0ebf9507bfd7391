/** What a failure of one node is, once its evidence has been looked at. */
import type { Build, Group } from '../service/service.ts';

export const CRASH_CLASSES = [
  'clean-exit',
  'nonzero-exit',
  'sigterm',
  'assert',
  'oom',
  'null-deref',
  'segv',
  'illegal-instruction',
  'arithmetic',
  'abort',
  'stack-overflow',
  'heap-corruption',
  'kernel-panic',
  'kernel-fault',
  'hang',
  'reset-loop',
  'boot-failure',
  'startup-config',
  'unknown',
] as const;
export type CrashClass = (typeof CRASH_CLASSES)[number];

/** How the instance ended, or stands, as EC2 and the load balancer say. */
export interface EndFacts {
  readonly state: 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated' | 'pending';
  readonly stateReason?: string;
  /** The load balancer's reason: `Target.Timeout`, `Target.ResponseCodeMismatch`, … */
  readonly targetReason?: string;
  readonly wasHealthy: boolean;
  readonly uptimeSeconds?: number;
  readonly instanceCheck?: 'ok' | 'impaired' | 'unknown';
}

export interface CrashFacts {
  readonly console: Uint8Array | undefined;
  readonly end: EndFacts;
  /** Text of the record Nanos leaves on its root disk. */
  readonly exitRecord?: string;
}

export type Platform = 'nanos' | 'unikraft' | 'solo5' | 'linux' | 'osv' | 'unknown';

export interface Crash {
  readonly crashClass: CrashClass;
  /** One line for people. */
  readonly summary: string;
  /** 16 hexadecimal digits: the same for the same failure, whatever its addresses, times and numbers. */
  readonly fingerprint: string;
  /** The same in both builds; '' where the failure does not show one. */
  readonly runtimeKey: string;
  readonly platform: Platform;
  /** The lines it rests on. */
  readonly evidence: string;
}

/** How a failure came to be known. */
export type FaultWay = 'state-change' | 'alarm' | 'sweep' | 'status' | 'operator' | 'judge';

/** An operator's order and what EC2 has scheduled say nothing of the release. */
export const isItsOwn = (way: FaultWay) => way !== 'operator' && way !== 'status';

export interface Fault {
  /** `<instance id>-<attempt>` */
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly build: Build;
  readonly group: Group;
  readonly slot: string;
  readonly instanceId: string;
  readonly zone: string;
  readonly attempt: number;
  /** When it failed, as far as is known. */
  readonly at: number;
  readonly detectedAt: number;
  readonly way: FaultWay;
  readonly crash: Crash;
  /** Its release was in flight. */
  readonly wasInFlight: boolean;
}

export type EscalationKind = 'replace' | 'replace-with-twin' | 'roll-back' | 'page' | 'hold';

export interface Escalation {
  readonly kind: EscalationKind;
  readonly why: string;
  /** Of a hold: then it is decided. */
  readonly until?: number;
  /** Whatever its kind, a person is called about this, once a day: it goes on until somebody ends it. */
  readonly about?: string;
}
