/** Deaths on the `process` driver: child processes die. */
import { CLASSES } from '../app/deaths.ts';
import { askNode, LIVE_FILE } from './live-wards.ts';
import type { Kind } from './live-wards.ts';
import { processImage } from './process-image.ts';

export const PROCESSES: Kind = {
  name: 'processes',
  file: { ...LIVE_FILE, imageFormat: 'bundle', localOnly: true, maxImageGiB: 1 },
  classes: CLASSES,
  imageOf: processImage,
  async strike(app, instanceId, way) {
    if (way === 'terminate') await app.call('ec2:TerminateInstances', { InstanceIds: [instanceId] });
    else await askNode(app, instanceId, `/die/${way}`);
  },
};
