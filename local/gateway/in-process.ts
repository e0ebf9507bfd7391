/**
 * The gateway without a socket: while installed, every node:http client in this process that goes to the gateway's
 * endpoint is connected to its server through an in-memory pair of streams. Everything above is the client's own code,
 * so what an SDK does on a real socket it does here, but deterministically, and with nothing for the system to refuse.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent } from 'node:http';
import type { ClientRequest, Server } from 'node:http';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { quiet } from '../kernel/quiet.ts';
import { setInvocation } from './invocations.ts';

/** Which invocation the code that runs now belongs to; its AWS calls carry it to Call.invocation. */
export const currentInvocation = new AsyncLocalStorage<string>();

export interface InProcess {
  /** Requests sent and not yet answered in full. */
  readonly open: number;
  /** For VirtualClock's `settle`: resolves when everything in flight has ended or waits for time. */
  settle(): Promise<void>;
  uninstall(): void;
}

/** The agent's two seams: Node documents the second and has kept the first since 0.x, but types neither on the prototype. */
interface AgentSeams {
  addRequest: (this: Agent, request: ClientRequest, options: object) => void;
  createConnection: (this: Agent, options: object, ready?: (error: Error | null, socket: Duplex) => void) => Duplex | undefined;
}

export function installInProcess(server: Server, endpoint: string): InProcess {
  const { hostname, port } = new URL(endpoint);
  const isOurs = (options: object) =>
    'host' in options && options.host === hostname && 'port' in options && Number(options.port) === Number(port);
  const seams: AgentSeams = Agent.prototype as Agent & AgentSeams;
  const { addRequest, createConnection } = seams;
  // The server's end of each client's end.
  const remotes = new WeakMap<object, Duplex>();
  let open = 0;

  seams.addRequest = function (request, options) {
    if (isOurs(options)) {
      open += 1;
      request.once('close', () => (open -= 1));
      const invocation = currentInvocation.getStore();
      // Connections are kept and carry one request at a time; this event comes before anything is written.
      request.once('socket', (socket) => setInvocation(remotes.get(socket) ?? socket, invocation));
    }
    addRequest.call(this, request, options);
  };
  seams.createConnection = function (options, ready) {
    if (!isOurs(options)) return createConnection.call(this, options, ready);
    const [client, remote] = connectedPair();
    remotes.set(client, remote);
    server.emit('connection', remote);
    return client;
  };

  return {
    get open() {
      return open;
    },
    settle: () => quiet(),
    uninstall: () => void Object.assign(seams, { addRequest, createConnection }),
  };
}

function connectedPair(): readonly [Duplex, Duplex] {
  const [client, remote] = duplexPair();
  return [likeSocket(client), likeSocket(remote)];
}

/** Client and server call these of a socket; a pair in memory needs none of them. */
function likeSocket(end: Duplex): Duplex {
  const self = () => end;
  return Object.assign(end, {
    setKeepAlive: self,
    setNoDelay: self,
    setTimeout: self,
    ref: self,
    unref: self,
    remoteAddress: '127.0.0.1',
  });
}
