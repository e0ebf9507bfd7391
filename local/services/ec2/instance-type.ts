import { AwsError } from '../../kernel/aws-error.ts';
import type { Image } from './state.ts';

/** Graviton families have a `g` after the generation (t4g, m7gd, c8gn); a1 came before that rule. */
export const isGraviton = (type: string) => /^(a1|[a-z]+\d+g[a-z]*)\./.test(type);
/** Families before Nitro: Xen, no ENA needed, and some of them 32 bit. */
const isBeforeNitro = (type: string) => /^(t1|t2|m1|m2|m3|m4|c1|c3|c4|r3|r4|i2|i3|d2|g2|g3|p2|p3|x1|x1e)\./.test(type);
const TAKES_I386 = /^(t1|t2|m1|m3|c1|c3)\./;

export function architecturesOf(type: string): readonly string[] {
  if (isGraviton(type)) return ['arm64'];
  return TAKES_I386.test(type) ? ['i386', 'x86_64'] : ['x86_64'];
}

/** An instance type starts only images made for it. */
export function checkFits(type: string, image: Image): void {
  if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(type))
    throw new AwsError('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
  const architectures = architecturesOf(type);
  if (!architectures.includes(image.architecture))
    throw new AwsError(
      'InvalidParameterValue',
      `The architecture '${architectures.join(',')}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
    );
  if (isBeforeNitro(type)) return;
  if (image.virtualizationType !== 'hvm')
    throw new AwsError(
      'InvalidParameterCombination',
      `Non-Windows instances with a virtualization type of '${image.virtualizationType}' are not supported for instance type ${type}.`,
    );
  if (!image.enaSupport)
    throw new AwsError(
      'InvalidParameterCombination',
      `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${type}' instance type. Ensure that you are using an AMI that is enabled for ENA.`,
    );
}
