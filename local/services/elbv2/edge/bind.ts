import type { Server } from 'node:net';
import { PortUnusable } from '../../../kernel/port-unusable.ts';

/** Where a listener goes when its own port may only be bound by root. */
const SHIFT = 8_000;

/** Listens on the port, or on port + 8000 where ports below 1024 need rights we do not have. Resolves with the port taken. */
export async function bindTcp(server: Server, address: string, port: number): Promise<number> {
  try {
    return await listen(server, address, port);
  } catch (cause) {
    if (!isNamed(cause, 'EACCES')) throw explained(cause, address, port);
    return await listen(server, address, port + SHIFT);
  }
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.removeListener('error', reject);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : port);
    });
  });
}

export function explained(cause: unknown, address: string, port: number): Error {
  if (!isNamed(cause, 'EADDRINUSE')) return cause instanceof Error ? cause : new Error(String(cause));
  return new PortUnusable(
    `The load balancer's address ${address}:${port} is taken: is another local runtime running on this machine? Stop it, or give this one a --network of its own.`,
    { cause },
  );
}

export const isNamed = (cause: unknown, code: string): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === code;
