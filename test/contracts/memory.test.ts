import { MemoryRecords } from '../fakes/memory-records.ts';
import { MemorySlots } from '../fakes/memory-slots.ts';
import { recordsContract } from './records.contract.ts';
import { slotsContract } from './slots.contract.ts';

recordsContract('MemoryRecords', async () => new MemoryRecords());
slotsContract('MemorySlots', async () => new MemorySlots());
