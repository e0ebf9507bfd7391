import { MemoryHistories } from '../fakes/memory-histories.ts';
import { MemoryJudgements } from '../fakes/memory-judgements.ts';
import { MemoryRecords } from '../fakes/memory-records.ts';
import { MemoryLedgers } from '../fakes/memory-remediation.ts';
import { MemorySlots } from '../fakes/memory-slots.ts';
import { historiesContract } from './histories.contract.ts';
import { judgementsContract } from './judgements.contract.ts';
import { ledgersContract } from './ledgers.contract.ts';
import { recordsContract } from './records.contract.ts';
import { slotsContract } from './slots.contract.ts';

recordsContract('MemoryRecords', async () => new MemoryRecords());
historiesContract('MemoryHistories', async () => new MemoryHistories());
judgementsContract('MemoryJudgements', async () => new MemoryJudgements());
ledgersContract('MemoryLedgers', async () => new MemoryLedgers());
slotsContract('MemorySlots', async () => new MemorySlots());
