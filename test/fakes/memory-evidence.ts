/** What EC2, EBS and S3 know of one node, to be changed while a test goes on. */
import type { EvidenceIndex } from '../../core/evidence/evidence.ts';
import type { AccessLog, ConsoleText, DiskReader, EvidenceStore, InstanceFacts, Witness } from '../../core/evidence/ports.ts';
import { evidenceUnavailable } from '../../core/errors.ts';
import { T0 } from './fixtures.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

export class MemoryEvidence implements EvidenceStore {
  readonly objects = new Map<string, Uint8Array>();
  private readonly indexes = new Map<string, string>();

  async findIndex(service: string, faultId: string): Promise<EvidenceIndex | undefined> {
    const found = this.indexes.get(`${service}/${faultId}`);
    return found === undefined ? undefined : (JSON.parse(found) as EvidenceIndex);
  }
  async putIndex(index: EvidenceIndex): Promise<void> {
    this.indexes.set(`${index.service}/${index.faultId}`, JSON.stringify(index));
  }
  async find(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key);
  }
  async put(key: string, body: Uint8Array): Promise<void> {
    this.objects.set(key, body);
  }
  async list(prefix: string) {
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([key, body]) => ({ key, bytes: body.length }));
  }
  text(key: string): string | undefined {
    const found = this.objects.get(key);
    return found && new TextDecoder().decode(found);
  }
}

export class MemoryWitness implements Witness {
  readonly calls: string[] = [];
  instance: InstanceFacts | undefined = {
    json: '{"InstanceId":"i-1"}',
    state: 'running',
    launchedAt: T0 - 60_000,
    address: '10.0.0.9',
    rootVolume: 'vol-root',
  };
  latest: ConsoleText | undefined = { output: bytes('boot\npanic'), at: T0 };
  posted: ConsoleText | undefined;
  /** Calls that fail, by name, until they are taken out. */
  readonly broken = new Set<string>();
  /** Calls that fail for good. */
  readonly never = new Set<string>();
  /** Calls that are never answered. */
  readonly hanging = new Set<string>();
  picture = bytes('jpeg');

  private async heard(call: string): Promise<void> {
    this.calls.push(call);
    if (this.hanging.has(call)) await new Promise(() => undefined);
    if (this.never.has(call)) throw evidenceUnavailable(call, 'it is not supported');
    if (this.broken.has(call)) throw Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded' });
  }
  async describe() {
    await this.heard('describe');
    return this.instance;
  }
  async console(_id: string, which: 'latest' | 'posted') {
    await this.heard(which);
    return which === 'latest' ? this.latest : this.posted;
  }
  async screenshot() {
    await this.heard('screenshot');
    return this.picture;
  }
  async status() {
    await this.heard('status');
    return '{}';
  }
  async interrupt() {
    await this.heard('interrupt');
  }
  async snapshotVolumes() {
    await this.heard('snapshot');
    return [
      { volumeId: 'vol-data', snapshotId: 'snap-data' },
      { volumeId: 'vol-root', snapshotId: 'snap-root' },
    ];
  }
  async targetHealth() {
    await this.heard('health');
    return { json: '[]' };
  }
}

export class MemoryDisks implements DiskReader {
  readonly disks = new Map<string, Uint8Array>();
  readonly pending = new Set<string>();

  async state(id: string): ReturnType<DiskReader['state']> {
    if (this.pending.has(id)) return 'pending';
    return this.disks.has(id) ? 'completed' : 'none';
  }
  async read(id: string, offset: number, length: number): Promise<Uint8Array> {
    const part = new Uint8Array(length);
    part.set((this.disks.get(id) ?? new Uint8Array()).subarray(offset, offset + length));
    return part;
  }
}

export class MemoryAccessLog implements AccessLog {
  lines: readonly string[] | undefined = ['http 2027-01-04T12:00:00.000000Z app/web/1 1.2.3.4:5 10.0.0.9:8080'];
  async slice() {
    return this.lines;
  }
}
