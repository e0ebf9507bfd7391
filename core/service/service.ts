import type { ServiceFile } from './service-file.ts';

export type Build = 'linux' | 'unikernel';
export const BUILDS: readonly Build[] = ['linux', 'unikernel'];

/** The five target groups of a service. `blue` and `green` are the unikernel fleets. */
export type Group = 'blue' | 'green' | 'canary' | 'baseline' | 'control';
export type Fleet = Extract<Group, 'blue' | 'green'>;
export const GROUPS: readonly Group[] = ['blue', 'green', 'canary', 'baseline', 'control'];

/** A launch template pinned to one version, so that a deploy in mid-release changes nothing. */
export interface LaunchTemplate {
  readonly id: string;
  readonly version: string;
}

/** What a service's stack made, handed over in the service's one SSM parameter. */
export interface ServiceResources {
  readonly launchTemplates: Readonly<Record<Build, LaunchTemplate>>;
  /** Where nodes are put, one subnet an availability zone, in a fixed order. */
  readonly subnets: readonly { readonly id: string; readonly zone: string }[];
  readonly targetGroups: Readonly<Record<Group, string>>;
  readonly listener: string;
  /** `LoadBalancer` dimension of CloudWatch (`app/name/id`), and the `TargetGroup` dimension of each group. */
  readonly metrics: { readonly loadBalancer: string; readonly targetGroups: Readonly<Record<Group, string>> };
  /** Published version of the function that reaches private nodes; absent where the protocol has no probes. */
  readonly prober?: string;
  /** Unique id of the Linux nodes' role: what a node leaves in the evidence bucket lies below `nodes/<role id>:<instance id>/`. */
  readonly nodeRole?: string;
  /** Where the load balancer writes its access log; absent where it writes none. */
  readonly accessLog?: { readonly bucket: string; readonly prefix: string };
}

/** A service as the control plane knows it: the file, and what was made for it. */
export interface Service {
  readonly file: ServiceFile;
  readonly resources: ServiceResources;
}
