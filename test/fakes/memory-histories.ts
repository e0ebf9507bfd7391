import type { ServiceHistory } from '../../core/judgement/history.ts';
import type { Histories } from '../../core/judgement/ports.ts';
import type { Build } from '../../core/service/service.ts';
import { Shelf } from './memory-remediation.ts';

export class MemoryHistories implements Histories {
  private readonly shelf = new Shelf<ServiceHistory>();

  async find(service: string, build: Build) {
    return this.shelf.find(`${service}/${build}`);
  }

  async put(record: ServiceHistory) {
    return this.shelf.put(`${record.service}/${record.build}`, record);
  }
}
