/** Names both stacks, the functions and the command line rely on. Each stands here once. */
export const SERVICES_PATH = '/tandem/services';
export const CONTROL_PLANE_PARAMETER = '/tandem/control-plane';
export const STACK_TAG_KEY = 'tandem:stack';
export const DEFAULT_CONTROL_PLANE = 'tandem';

/** IAM path of the roles that nodes may bear: what the control plane may pass is told by it. */
export const nodeRolePath = (controlPlane: string) => `/${controlPlane}/nodes/`;

/** Names of the workflows; functions know them by name, because a reference both ways would be a circle. */
export const workflowName = (
  controlPlane: string,
  workflow: 'release' | 'rollback' | 'remediate' | 'bake' | 'watch-health' | 'watch-release',
) => `${controlPlane}-${workflow}`;

/** A service has a prober of its own inside its VPC, found by its name. */
export const proberName = (controlPlane: string, service: string) => `${controlPlane}-${service}-prober`;
