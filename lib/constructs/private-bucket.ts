import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Conditions } from './grants.ts';

export interface PrivateBucketProps {
  /** Where accesses to this bucket are logged; without it they are not. */
  readonly accessLogs?: LogsBucket;
  /** Whether its events go to EventBridge. */
  readonly announces?: boolean;
  readonly lifecycleRules?: readonly s3.LifecycleRule[];
}

/** Versioned, encrypted, TLS only, nothing public, kept when the stack goes. */
export class PrivateBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: PrivateBucketProps = {}) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      versioned: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7), noncurrentVersionExpiration: Duration.days(30) },
        ...(props.lifecycleRules ?? []),
      ],
    });
    this.configure(props);
  }

  /** On the L1, because CDK's own switches make a custom resource (events) or depend on feature flags (access logs). */
  private configure(props: PrivateBucketProps): void {
    const cfn = this.bucket.node.defaultChild;
    if (!(cfn instanceof s3.CfnBucket)) throw new TypeError('a bucket is a CfnBucket');
    if (props.announces) cfn.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    if (props.accessLogs) {
      cfn.loggingConfiguration = {
        destinationBucketName: props.accessLogs.bucket.bucketName,
        logFilePrefix: `s3/${this.node.id}/`,
      };
      props.accessLogs.acceptAccessLogs(`s3/${this.node.id}/`);
    }
  }
}

/** Takes the access logs of buckets and load balancers. */
export class LogsBucket extends PrivateBucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, { lifecycleRules: [{ expiration: Duration.days(90) }] });
    // AWS: load balancers write as this service, only below AWSLogs/<their account>/ (ALB access logs, "bucket policy").
    this.accept('logdelivery.elasticloadbalancing.amazonaws.com', `*/AWSLogs/${Stack.of(this).account}/*`);
  }

  acceptAccessLogs(prefix: string): void {
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    this.accept('logging.s3.amazonaws.com', `${prefix}*`, conditions);
  }

  private accept(service: string, keys: string, conditions: Conditions = {}): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(service)],
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects(keys)],
        conditions,
      }),
    );
  }
}
