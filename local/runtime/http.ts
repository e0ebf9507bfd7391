/** The two halves of a request that needs no socket: the gateway's wire form, and what a function in process sends. */
import { Readable } from 'node:stream';
import type { Gateway } from '../gateway/gateway.ts';
import type { VirtualNetwork } from '../kernel/ports.ts';
import type { Timetable } from '../kernel/world.ts';
import type { WireBody, WireRequest } from '../protocols/wire.ts';
import type { LoopbackRequest, LoopbackResponse } from '../services/lambda/scope.ts';

/** `invocation`: which function's the call is; without, it comes from outside. */
export async function askGateway(gateway: Gateway, asked: LoopbackRequest, invocation?: string): Promise<LoopbackResponse> {
  const answer = await gateway.respond(toWire(asked, invocation));
  return { status: answer.status, headers: answer.headers, body: await wholeBody(answer.body ?? '') };
}

function toWire({ method, path, headers, body }: LoopbackRequest, invocation: string | undefined): WireRequest {
  const [plain = '/', ...query] = path.split('?');
  return {
    method,
    path: plain,
    query: new URLSearchParams(query.join('?')),
    headers: { ...headers, ...(invocation !== undefined && { 'x-local-invocation': invocation }) },
    body: Readable.from(body.length === 0 ? [] : [Buffer.from(body)], { objectMode: false }),
  };
}

async function wholeBody(body: WireBody): Promise<Uint8Array> {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** A node's answer, after the time it takes. */
export async function askNode(network: VirtualNetwork, time: Timetable, asked: LoopbackRequest): Promise<LoopbackResponse> {
  const address = asked.host.split(':')[0] ?? '';
  const answer = network.request(address, asked.path);
  if (answer.kind === 'refused') {
    throw Object.assign(new Error(`connect ECONNREFUSED ${asked.host}`), { code: 'ECONNREFUSED' });
  }
  await new Promise<void>((done) => void time.after(answer.latencyMs, `answer of ${asked.host}`, done));
  return { status: answer.status, headers: {}, body: new Uint8Array() };
}
