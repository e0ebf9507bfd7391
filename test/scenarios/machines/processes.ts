/** Deaths on the `process` driver: child processes die. */
import { askNode, PORT } from './live-wards.ts';
import type { Kind } from './live-wards.ts';
import { processImage } from './process-image.ts';

export const PROCESSES: Kind = {
  name: 'processes',
  /** Boots and timeouts take the time they take, and at the speed of these runs that is minutes: so are deadlines and watches. */
  file: {
    imageFormat: 'bundle',
    localOnly: true,
    port: PORT,
    nodes: 2,
    linuxNodes: 1,
    health: { path: '/healthz', intervalSeconds: 10, deadlineSeconds: 3600 },
    canary: { nodes: 1, percent: 22, minutes: 4 },
    debut: { nodes: 1, percent: 22, minutes: 4 },
    promotion: { maxSurge: 1, minHealthyPercent: 100, watchMinutes: 1 },
    limits: {
      maxErrorPercent: 1,
      slow: [{ overMs: 3000, maxPercent: 20 }],
      minRequests: 5,
      passMarginPercent: 40,
      graceMinutes: 10,
    },
    warmMinutes: 10,
    weightSettleSeconds: 10,
    drainSeconds: 10,
    expireHours: 4,
    maxImageGiB: 1,
  },
  classes: {
    'power-off': 'assert',
    crash: 'unknown',
    hang: 'hang',
    sicken: 'hang',
    reset: 'reset-loop',
    terminate: 'sigterm',
  },
  imageOf: processImage,
  async strike(app, instanceId, way) {
    if (way === 'terminate') await app.call('ec2:TerminateInstances', { InstanceIds: [instanceId] });
    else await askNode(app, instanceId, `/die/${way}`);
  },
};
