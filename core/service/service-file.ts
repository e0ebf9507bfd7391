/**
 * The service file: what a user writes in `services/<name>.json`. With its parts it is all of the core that imports a
 * package (zod), because synth, functions and command line must read the same schema; `docs/services.md` and the
 * editor's JSON Schema are made from it.
 */
import * as z from 'zod';
import { declaredMetricSchema, nodeMetricsSchema } from './declared-metric.ts';
import { limitsSchema } from './limits.ts';

const percent = z.number().min(0).max(100);
const seconds = (min: number, max: number) => z.int().min(min).max(max);

const health = z
  .strictObject({
    path: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/)
      .max(1024)
      .default('/healthz')
      .describe('Path that answers when the node can serve (http only).'),
    codes: z
      .string()
      .regex(/^\d{3}([,-]\d{3})*$/)
      .default('200')
      .describe('HTTP codes that count as healthy, as ALB writes them: `200`, `200,204`, `200-299`.'),
    intervalSeconds: seconds(5, 300).default(5).describe('Seconds between two checks of one node.'),
    timeoutSeconds: seconds(2, 120).default(2).describe('A check that takes longer has failed. Less than the interval.'),
    healthyThreshold: z.int().min(2).max(10).default(2).describe('Checks in a row that make a node healthy.'),
    unhealthyThreshold: z.int().min(2).max(10).default(2).describe('Checks in a row that make a node unhealthy.'),
    deadlineSeconds: seconds(30, 3600).default(300).describe('A launched node that is not healthy by then has failed.'),
  })
  .refine((h) => h.timeoutSeconds < h.intervalSeconds, {
    message: 'timeoutSeconds must be less than intervalSeconds',
    path: ['timeoutSeconds'],
  });

const watch = (nodes: number, share: number, minutes: number) => ({
  nodes: z.int().min(1).max(50).default(nodes).describe('Nodes of the new release in this stage, and as many to compare with.'),
  percent: z
    .number()
    .min(0.1)
    .max(50)
    .default(share)
    .describe(
      'Share of the requests, in percent, that goes to the new release in this stage; what it is compared with gets the same.',
    ),
  minutes: z.int().min(1).max(2880).default(minutes).describe('How long it is watched before the verdict is due.'),
});

const instanceType = z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/);
const otherTypes = (build: string) =>
  z
    .array(instanceType)
    .max(5)
    .default([])
    .describe(`Instance types a ${build} node may have instead where its own has no capacity, the first that fits first.`);

const remediation = z.strictObject({
  evidenceDeadlineSeconds: seconds(10, 600)
    .default(60)
    .describe('A node that hangs is kept for at most so long, for its evidence. Its replacement does not wait for it.'),
  killsPerHour: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'At most so many nodes are replaced within an hour; what fails beyond that is left, and operators are paged. Without it half of the nodes, and at least 10.',
    ),
  otherTypes: z
    .strictObject({ linux: otherTypes('Linux'), unikernel: otherTypes('unikernel') })
    .prefault({})
    .describe('Where capacity is short. They must fit the image as the first type does.'),
});

const beta = z
  .strictObject({
    header: z
      .strictObject({
        name: z.string().min(1).max(40).describe('Name of the header.'),
        value: z.string().min(1).max(128).describe('Its value; `*` and `?` stand for any text and any character.'),
      })
      .optional()
      .describe('Requests with this header go to the beta environment.'),
    cookie: z
      .strictObject({
        name: z
          .string()
          .regex(/^[\w-]{1,40}$/)
          .describe('Name of the cookie.'),
        value: z
          .string()
          .regex(/^[\w-]{1,80}$/)
          .describe('Its value.'),
      })
      .optional()
      .describe('Requests with this cookie go to the beta environment.'),
    host: z.string().min(1).max(128).optional().describe('Requests for this host name go to the beta environment.'),
  })
  .refine((b) => [b.header, b.cookie, b.host].filter(Boolean).length === 1, {
    message: 'give exactly one of header, cookie, host',
  });

export const serviceFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where the editor finds the JSON Schema of this file.'),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/)
      .describe('Name of the service: 2 to 20 small letters, digits and dashes. The first part of every image key.'),
    mode: z
      .enum(['pool', 'beta'])
      .default('pool')
      .describe('`pool`: both builds behind one load balancer. `beta`: Linux nodes serve only users who chose it.'),
    protocol: z
      .enum(['http', 'tcp', 'udp'])
      .default('http')
      .describe('What the service speaks: `http` gets an ALB, `tcp` and `udp` an NLB.'),
    port: z.int().min(1).max(65535).default(8080).describe('Port the service listens on, in both builds.'),
    listenerPort: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe('Port users connect to; 443 with a certificate, 80 without, for tcp and udp the service port.'),
    certificateArn: z
      .string()
      .regex(/^arn:aws[\w-]*:acm:/)
      .optional()
      .describe('ACM certificate of the listener (http only). Without it the listener speaks plain HTTP.'),
    internetFacing: z.boolean().default(false).describe('Whether the load balancer has a public address.'),
    allowFrom: z
      .array(z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/))
      .max(20)
      .default([])
      .describe('CIDR blocks users come from; empty means the VPC only.'),
    imageFormat: z
      .enum(['disk', 'bundle'])
      .default('disk')
      .describe('`disk`: raw disk images. `bundle`: a tar with an executable `run`, for the local runtime only.'),
    localOnly: z
      .boolean()
      .default(false)
      .describe('Marks a service that only the local runtime runs. Needed for `imageFormat: bundle`.'),
    local: z
      .strictObject({
        disk: z.enum(['virtio', 'ide', 'nvme', 'scsi']).optional().describe('Disk the images know; else found by booting.'),
        nic: z
          .enum(['virtio', 'virtio-transitional', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'])
          .optional()
          .describe('Network card the images know; `virtio` without it.'),
        memoryMiB: z.int().min(16).max(65536).optional().describe('Memory of a node; that of its instance type without it.'),
      })
      .prefault({})
      .describe('Virtual machines of the local runtime only. On AWS it has no effect.'),
    bootMode: z.enum(['legacy-bios', 'uefi']).default('legacy-bios').describe('How the images boot.'),
    instanceTypes: z
      .strictObject({
        linux: instanceType.default('t3.small').describe('Instance type of Linux nodes: instrumented, so give it some room.'),
        unikernel: instanceType.default('t3.micro').describe('Instance type of unikernel nodes.'),
      })
      .prefault({})
      .describe('EC2 instance type of each build.'),
    dataVolumeGiB: z
      .int()
      .min(1)
      .max(16_384)
      .optional()
      .describe(
        'A second disk for every node, for images with a data volume (`dataVolume` of `twin.json`). Each node gets its own, blank, and it goes with the node. Without it there is none.',
      ),
    nodes: z.int().min(1).max(400).default(4).describe('Unikernel nodes of the stable fleet.'),
    linuxNodes: z
      .int()
      .min(0)
      .max(50)
      .default(2)
      .describe(
        'Linux nodes of the stable release that always run: in `pool` mode among the fleet, in `beta` mode the beta environment.',
      ),
    health: health.prefault({}).describe('How a node shows that it can serve.'),
    canary: z
      .strictObject(watch(2, 5, 30))
      .prefault({})
      .describe('The stage in which Linux nodes of the new release are compared with Linux nodes of the stable one.'),
    debut: z
      .strictObject(watch(1, 5, 15))
      .prefault({})
      .describe('The stage in which the first unikernels of the new release are compared with fresh ones of the stable one.'),
    promotion: z
      .strictObject({
        maxSurge: z.int().min(1).max(100).default(2).describe('Nodes added to the new fleet in one batch.'),
        minHealthyPercent: percent
          .default(90)
          .describe('Serving nodes never fall below this share of `nodes` because of a release.'),
        watchMinutes: z.int().min(1).max(1440).default(2).describe('How long each batch is watched.'),
        gateHours: z
          .int()
          .min(1)
          .max(168)
          .optional()
          .describe(
            'With it, promotion waits for the order `promote`; after this many hours without one the release is rolled back.',
          ),
      })
      .prefault({})
      .describe('How the new fleet grows.'),
    limits: limitsSchema.prefault({}).describe('What the judge holds a release to.'),
    metrics: z
      .array(declaredMetricSchema)
      .max(10)
      .default([])
      .describe(
        'Metrics of your own, in CloudWatch, by which the new release is compared with the stable one. For every protocol.',
      ),
    nodeMetrics: nodeMetricsSchema
      .optional()
      .describe(
        'What Linux nodes publish of themselves every minute (http only): three custom metrics a node, which CloudWatch charges for. With it one bad node of a canary is told from a bad release, and replaced. Without it nothing is published.',
      ),
    probes: z
      .array(
        z.strictObject({
          path: z
            .string()
            .regex(/^\/[\x21-\x7e]*$/)
            .max(1024),
          status: z.int().min(100).max(599).default(200),
        }),
      )
      .max(20)
      .default([])
      .describe('Requests every canary node must answer with `status` before it gets user traffic (http only).'),
    warmMinutes: z
      .int()
      .min(1)
      .max(2880)
      .default(60)
      .describe('How long the old fleet stays, without traffic, after a promotion: undo is a weight change until then.'),
    weightSettleSeconds: seconds(5, 600)
      .default(60)
      .describe('Time given to the load balancer to act on new weights before anything is drained.'),
    drainSeconds: seconds(5, 3600)
      .default(30)
      .describe('Time a node gets to finish requests before it is terminated (deregistration delay).'),
    onNewRelease: z
      .enum(['supersede', 'queue', 'refuse'])
      .default('supersede')
      .describe('What happens to a release that arrives while another is in flight.'),
    integrity: z
      .enum(['none', 'digest', 'signed'])
      .default('none')
      .describe(
        'What completes a release: both images; or both and a `release.json` whose digests hold; or one that is also signed.',
      ),
    signingKey: z
      .string()
      .startsWith('-----BEGIN PUBLIC KEY-----')
      .max(2000)
      .optional()
      .describe('Ed25519 public key (PEM) that signs manifests; needed for `integrity: signed`.'),
    maxImageGiB: z
      .int()
      .min(1)
      .max(40)
      .default(16)
      .describe('A larger image is refused. 40 is what one function can hash in its time.'),
    expireHours: z.int().min(1).max(720).default(24).describe('A release whose images are not complete by then is refused.'),
    remediation: remediation.prefault({}).describe('What is done with a node that fails.'),
    beta: beta.optional().describe('How a user chooses beta (`mode: beta` only). Exactly one of the three.'),
  })
  .superRefine((file, ctx) => {
    const issue = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    const shortest = Math.min(file.canary.minutes, file.debut.minutes, file.promotion.watchMinutes) + file.limits.graceMinutes;
    if (shortest < 4)
      issue(
        'limits',
        `a watch of ${shortest} minute(s) with its grace ends before metrics can tell (they come late): raise graceMinutes`,
      );
    if (file.mode === 'beta' && !file.beta) issue('beta', 'mode "beta" needs a rule: one of beta.header, beta.cookie, beta.host');
    if (file.mode === 'beta' && file.protocol !== 'http')
      issue('mode', `mode "beta" chooses by request and needs protocol "http", found "${file.protocol}"`);
    if (file.mode === 'pool' && file.beta) issue('beta', 'mode "pool" has no beta rule; remove it or set mode to "beta"');
    if (file.mode === 'beta' && file.linuxNodes < 1) issue('linuxNodes', 'mode "beta" needs at least 1 Linux node');
    if (file.imageFormat === 'bundle' && !file.localOnly)
      issue('imageFormat', 'a bundle boots nowhere but in the local runtime: set "localOnly": true, or use "disk"');
    if (file.integrity === 'signed' && !file.signingKey) issue('signingKey', 'integrity "signed" needs a signingKey');
    if (file.protocol !== 'http' && file.certificateArn) issue('certificateArn', 'only protocol "http" takes a certificate');
    if (file.protocol !== 'http' && file.nodeMetrics) issue('nodeMetrics', 'only protocol "http" takes nodeMetrics');
    if (file.nodeMetrics?.namespace.startsWith('AWS/'))
      issue('nodeMetrics', `nobody but AWS puts data into "${file.nodeMetrics.namespace}"`);
    if (file.protocol !== 'http' && file.probes.length > 0) issue('probes', 'only protocol "http" takes probes');
    if (file.canary.percent * 2 + file.debut.percent * 2 > 90)
      issue('canary', 'canary and debut take twice their percent each; together they must leave 10 percent to the stable fleet');
    const keys = file.metrics.map(({ name, statistic }) => `${name} ${statistic}`);
    keys.forEach((key, index) => {
      if (keys.indexOf(key) !== index)
        ctx.addIssue({ code: 'custom', path: ['metrics', index, 'name'], message: `"${key}" is declared twice` });
    });
    if (file.debut.nodes > file.nodes) issue('debut', `debut.nodes must not be more than nodes (${file.nodes})`);
    if (((file.canary.minutes + file.limits.graceMinutes) * 60) / file.limits.intervalSeconds > 2000)
      issue('canary', 'more than 2000 looks in one watch: raise limits.intervalSeconds or lower canary.minutes');
  });

/** A service as its file declares it, defaults filled in. */
export type ServiceFile = z.infer<typeof serviceFileSchema>;
