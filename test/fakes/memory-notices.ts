import type { Notices } from '../../core/release/ports.ts';
import type { Transition } from '../../core/release/release.ts';

export class MemoryNotices implements Notices {
  readonly sent: Transition[] = [];

  async publish(_release: { readonly service: string; readonly version: string }, transition: Transition): Promise<void> {
    this.sent.push(transition);
  }
}
