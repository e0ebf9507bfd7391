/** What the virtual machines of one runtime share. */
import type { ChildLedger } from '../../../../kernel/ports.ts';
import type { Entry, Timetable, Trace } from '../../../../kernel/world.ts';
import type { BootGate } from './gate.ts';
import type { ProfileBook } from './profile.ts';
import type { Tools } from './tools.ts';

export interface Host {
  readonly time: Timetable;
  /** Account seconds a real one. */
  readonly speed: number;
  readonly trace: Trace;
  readonly children: ChildLedger;
  /** Every machine gets a directory in it. */
  readonly directory: string;
  readonly cores: number;
  readonly gate: BootGate;
  readonly profiles: ProfileBook;
  /** Throws MissingTool. */
  tools(): Tools;
  accel(): Promise<'kvm' | 'tcg'>;
}

/** Machines take real time, however fast the account's runs. */
export const realNow = ({ time, speed }: Host): number => time.now() / speed;

export const afterReal = (
  { time, speed }: Pick<Host, 'time' | 'speed'>,
  ms: number,
  label: string,
  run: () => void | Promise<void>,
): Entry => time.after(ms * speed, label, run);
