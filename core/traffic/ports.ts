import type { Weights } from '../release/release.ts';
import type { Service } from '../service/service.ts';

/** The weighted rules of a service's load balancer, which the control plane makes and owns. */
export interface Traffic {
  /** What the load balancer says now; groups with weight 0 are left out, so it compares with Weights as recorded. */
  read(service: Service): Promise<Weights>;
  /** Makes the rules so; target-group stickiness is off in the same call. No weight at all: the rules are removed. */
  write(service: Service, weights: Weights): Promise<void>;
}
