import type { JudgementRecord } from '../../core/judgement/judgement.ts';
import type { Judgements } from '../../core/judgement/ports.ts';
import { Shelf } from './memory-remediation.ts';

export class MemoryJudgements implements Judgements {
  private readonly shelf = new Shelf<JudgementRecord>();

  async find(service: string, version: string) {
    return this.shelf.find(`${service}@${version}`);
  }

  async put(record: JudgementRecord) {
    return this.shelf.put(`${record.service}@${record.version}`, record);
  }
}
