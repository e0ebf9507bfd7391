import { AssemblyError } from './json.ts';

/** Fn::Cidr for IPv4: `count` networks of `hostBits` host bits each, one after the other inside `block`. */
export function ipv4Networks(block: string, count: number, hostBits: number): readonly string[] {
  const [address = '', prefix = ''] = block.split('/');
  const octets = address.split('.').map(Number);
  const isIpv4 = octets.length === 4 && octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet <= 255);
  if (!isIpv4 || prefix === '') throw new AssemblyError(`Fn::Cidr: ${block} is not an IPv4 block such as 10.0.0.0/16`);
  const size = 2 ** hostBits;
  if (count * size > 2 ** (32 - Number(prefix))) {
    throw new AssemblyError(`Fn::Cidr: ${block} has no room for ${count} networks of ${hostBits} host bits`);
  }
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return Array.from({ length: count }, (_, index) => `${dotted(first + index * size)}/${32 - hostBits}`);
}

const dotted = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
