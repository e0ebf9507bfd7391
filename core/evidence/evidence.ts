/**
 * What is kept of a node that failed. One folder a fault in the evidence bucket:
 *
 *   faults/<service>/<fault id>/<piece>       the bytes, as AWS gave them
 *   faults/<service>/<fault id>/index.json    what was captured, with checksums; what was missed, with reasons
 *
 * Early pieces are taken while the node is still there, late ones when AWS has them: the console is posted minutes after
 * the end, access logs every five minutes.
 */
import type { Build, Group } from '../service/service.ts';

export const EARLY_PIECES = [
  'console-latest.txt',
  'console-posted.txt',
  'instance.json',
  'status.json',
  'target-health.json',
  'metrics.json',
  'screenshot.jpg',
  'volumes.json',
  'interrupt.json',
  'console-after-interrupt.txt',
] as const;

export const LATE_PIECES = [
  'console-end.txt',
  'metrics-after.json',
  'disk-record.txt',
  'node-report.json',
  'access-log.txt',
] as const;

export type EarlyPiece = (typeof EARLY_PIECES)[number];
export type LatePiece = (typeof LATE_PIECES)[number];
export type PieceName = EarlyPiece | LatePiece;

export interface Piece {
  readonly name: PieceName;
  readonly key: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly capturedAt: number;
}

export interface Missed {
  readonly name: PieceName;
  readonly why: string;
}

export interface VolumeSnapshot {
  readonly volumeId: string;
  readonly snapshotId: string;
}

/** The instance as EC2 described it when it was first looked at. */
export interface Seen {
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
  readonly stateReason?: string;
  readonly launchedAt: number;
  readonly address?: string;
  readonly rootVolume?: string;
}

export interface EvidenceIndex {
  readonly service: string;
  readonly faultId: string;
  readonly instanceId: string;
  readonly seen?: Seen;
  /** Its volumes as they were when they were first asked for. */
  readonly volumes?: readonly VolumeSnapshot[];
  readonly pieces: readonly Piece[];
  readonly missed: readonly Missed[];
}

/** The node a fault is about, as its slot had it. */
export interface Witnessed {
  readonly instanceId: string;
  readonly slot: string;
  readonly group: Group;
  readonly build: Build;
  readonly version: string;
}

export const evidenceFolder = (service: string, faultId: string) => `faults/${service}/${faultId}`;
export const pieceKey = (service: string, faultId: string, name: string) => `${evidenceFolder(service, faultId)}/${name}`;

export const isCaptured = ({ pieces }: EvidenceIndex, name: PieceName) => pieces.some((piece) => piece.name === name);
/** Captured, or given up. */
export const isSettled = (index: EvidenceIndex, name: PieceName) =>
  isCaptured(index, name) || index.missed.some((one) => one.name === name);

export const indexKey = (service: string, faultId: string) => `${evidenceFolder(service, faultId)}/index.json`;

export const emptyIndex = (service: string, faultId: string, instanceId: string): EvidenceIndex => ({
  service,
  faultId,
  instanceId,
  pieces: [],
  missed: [],
});
