/** A process of its own: S3 and EBS of the local runtime on a socket and on the disk, as the runtime has them. */
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Gateway } from '../../local/gateway/gateway.ts';
import { createGatewayServer } from '../../local/gateway/server.ts';
import { LiveClock } from '../../local/kernel/clock-live.ts';
import { createRandom } from '../../local/kernel/random.ts';
import { createEbs } from '../../local/services/ebs/api.ts';
import { SparseFileBlocks } from '../../local/services/ebs/blocks.ts';
import { createEc2 } from '../../local/services/ec2/api.ts';
import { createS3 } from '../../local/services/s3/api.ts';
import { DirectoryBlobs } from '../../local/services/s3/blobs.ts';

const [folder = '', bucket = ''] = process.argv.slice(2);
const time = new LiveClock({ onError: (label, error) => console.error(label, error) });
const account = {
  id: '123456789012',
  region: 'eu-central-1',
  partition: 'aws',
  zones: ['eu-central-1a'],
  endpoint: '',
};
const world = { time, random: createRandom(1), trace: { add: () => undefined }, account };
const bus = { put: () => undefined };
const s3 = createS3({ world, bus, blobs: new DirectoryBlobs(path.join(folder, 'objects')) });
const ebs = createEbs({ world, bus, blocks: new SparseFileBlocks(path.join(folder, 'snapshots')) });
const ec2 = createEc2({ world, bus, snapshots: ebs.snapshots, drivers: [] });
await s3.resources['AWS::S3::Bucket']?.({
  ...{ stack: 'bench', logicalId: 'Images', path: 'bench/Images', type: 'AWS::S3::Bucket' },
  properties: { BucketName: bucket, VersioningConfiguration: { Status: 'Enabled' } },
});
const gateway = new Gateway(world, [s3, ebs, ec2], { onBug: (bug) => console.error(bug) });
const server = createGatewayServer(gateway, () => time.now()).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
