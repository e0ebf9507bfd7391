/** A process of its own: boots one machine with a ledger in the directory given, says when it runs, and waits to be killed. */
import { FileLedger, openRunDirectory } from '../../../../local/runtime/children.ts';
import { bootSector } from './boot-sectors.ts';
import { openHost } from './machines.ts';

const [root = '', path = ''] = process.argv.slice(2);
const children = new FileLedger(openRunDirectory(root));
const host = await openHost({ children, path });
const { story } = host.boot(bootSector('runs', 'spin'), { hints: { disk: 'virtio' } });
await story.untilConsole('runs');
process.stdout.write('runs\n');
// Nothing else keeps it alive: the clock's timers do not.
setInterval(() => undefined, 60_000);
