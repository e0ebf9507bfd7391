import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HybridService, type HybridServiceProps } from './constructs/hybrid-service.ts';

export type ServiceStackProps = StackProps & HybridServiceProps;

/** One service in a stack of its own. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, { description: `Tandem: the service ${props.file.name}`, ...props });
    // The export it reads from the control plane is no reference CDK can see.
    this.addStackDependency(props.controlPlane);
    new HybridService(this, 'Service', props);
  }
}
