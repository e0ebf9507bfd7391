import type { Clock } from '../core/release/ports.ts';

export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }
}
