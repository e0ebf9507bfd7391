/** What security groups let in: not judged here, but a virtual machine is reached at these ports. */
import type { Properties } from '../../kernel/properties.ts';
import type { PortRange } from './drivers/driver.ts';

export const RULE = ['IpProtocol', 'FromPort', 'ToPort'] as const;

/** Names and IANA numbers; ICMP has no ports. */
const PROTOCOLS: Readonly<Record<string, readonly PortRange['protocol'][]>> = {
  tcp: ['tcp'],
  '6': ['tcp'],
  udp: ['udp'],
  '17': ['udp'],
  '-1': ['tcp', 'udp'],
};

export function toPortRanges(rule: Properties<(typeof RULE)[number]>): readonly PortRange[] {
  const protocol = rule.getText('IpProtocol').toLowerCase();
  // CloudFormation: all ports where the protocol is -1, whatever else is said.
  const [from, to] = protocol === '-1' ? [0, 65_535] : [rule.number('FromPort') ?? 0, rule.number('ToPort') ?? 65_535];
  return (PROTOCOLS[protocol] ?? []).map((one) => ({ protocol: one, from, to }));
}
