import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { allow, type Grantee } from './grants.ts';

/** The truth: services, releases, slots and refusals, one item each. Kept when the stack goes. */
export class ReleaseTable extends Construct {
  readonly tableName: string;
  private readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // For the door, which knows an instance and not yet whose it is. Keys are enough: the item is read by its key.
    this.table.addGlobalSecondaryIndex({
      indexName: 'by-instance',
      partitionKey: { name: 'instanceId', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      projectionType: dynamodb.ProjectionType.KEYS_ONLY,
    });
    this.tableName = this.table.tableName;
  }

  grantLookup(grantee: Grantee): void {
    allow(grantee, { actions: ['dynamodb:Query'], resources: [`${this.table.tableArn}/index/by-instance`] });
  }

  /** Items one by one and queries: neither scans, nor deletes (TTL does that), nor blind updates. */
  grantRecords(grantee: Grantee): void {
    allow(grantee, { actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], resources: [this.table.tableArn] });
  }
}
