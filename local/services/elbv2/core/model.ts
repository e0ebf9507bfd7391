/** What a load balancer is made of. States and words are ELB's. */
export type LoadBalancerKind = 'application' | 'network';
export type Protocol = 'HTTP' | 'TCP' | 'UDP';

export interface LoadBalancer {
  readonly arn: string;
  /** `app/name/id`: the LoadBalancer dimension of its metrics. */
  readonly fullName: string;
  readonly name: string;
  readonly kind: LoadBalancerKind;
  readonly scheme: 'internet-facing' | 'internal';
  readonly address: string;
  readonly createdAt: number;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly accessLog?: { readonly bucket: string; readonly prefix: string };
  readonly idleTimeoutSeconds: number;
  /** Headers whose names have other characters than letters, digits and hyphens do not reach the target. */
  readonly dropsInvalidHeaders: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly protocol: Protocol;
  readonly declaredPort: number;
  /** The port it really listens on, once it does. */
  port: number;
  defaultAction: Action;
  /** What requests are routed by: follows the configuration some seconds later. */
  routes: Routes;
}

export interface Routes {
  /** Counts the changes, so that a late one never undoes a newer one. */
  readonly change: number;
  /** Ascending by priority. */
  readonly rules: readonly Rule[];
  readonly defaultAction: Action;
}

export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly action: Action;
  readonly tags: Readonly<Record<string, string>>;
}

export type Action =
  | { readonly kind: 'fixed'; readonly status: number; readonly contentType?: string; readonly body: string }
  | { readonly kind: 'forward'; readonly groups: readonly GroupWeight[]; readonly stickySeconds?: number };

export interface GroupWeight {
  readonly groupArn: string;
  readonly weight: number;
}

export interface Condition {
  readonly field: 'host-header' | 'path-pattern' | 'http-header';
  /** Small letters; of http-header conditions only. */
  readonly header?: string;
  readonly values: readonly string[];
  readonly patterns: readonly RegExp[];
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: 'HTTP' | 'TCP';
  readonly port: number | 'traffic-port';
  readonly path: string;
  readonly matcher: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface TargetGroup {
  readonly arn: string;
  /** `targetgroup/name/id`: the TargetGroup dimension of its metrics. */
  readonly fullName: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly vpcId: string;
  readonly check: HealthCheck;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly targets: Map<string, Target>;
}

export interface Target {
  readonly instanceId: string;
  readonly port: number;
  readonly registeredAt: number;
  health: Health;
  /** Set while it drains. */
  drainsUntil?: number;
  /** When it last became healthy, for slow start. */
  healthySince?: number;
}

export type ProbeFailure = 'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks';

export type ProbeResult =
  { readonly kind: 'passed' } | { readonly kind: 'failed'; readonly reason: ProbeFailure; readonly description: string };

export interface Health {
  readonly state: 'registering' | 'checking' | 'healthy' | 'unhealthy';
  /** Results in a row that speak for the other state. */
  readonly streak: number;
  readonly failure?: { readonly reason: ProbeFailure; readonly description: string };
}

export const targetKey = (instanceId: string, port: number): string => `${instanceId}:${port}`;
