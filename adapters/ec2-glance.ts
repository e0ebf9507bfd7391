import { type EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import type { Consoles } from '../core/fleet/ports.ts';
import type { Glance } from '../core/remediation/foresee.ts';

export class Ec2Glance implements Glance, Consoles {
  private readonly client: EC2Client;

  constructor(client: EC2Client) {
    this.client = client;
  }

  async console(InstanceId: string): Promise<Uint8Array | undefined> {
    const { Output } = await this.client.send(new GetConsoleOutputCommand({ InstanceId, Latest: true }));
    return Output ? Buffer.from(Output, 'base64') : undefined;
  }
}
