import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Job } from './function.ts';

/** What the worker needs of a job: plain data, as it crosses a thread's border. */
export interface ContextFacts {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export const contextFacts = (job: Job, stream: string): ContextFacts => ({
  functionName: job.fn.name,
  functionVersion: job.version,
  invokedFunctionArn: job.invokedArn,
  memoryLimitInMB: String(job.fn.memoryMiB),
  awsRequestId: job.requestId,
  logGroupName: job.fn.logGroup,
  logStreamName: stream,
});

/** The context object of Lambda's Node.js runtime. */
export const toContext = (facts: ContextFacts, remainingMs: () => number) => ({
  ...facts,
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: remainingMs,
});

export type Handler = (event: unknown, context: ReturnType<typeof toContext>) => unknown;

/** `index.handler` in a folder → the module's URL and the export's name; the runtime's own order of extensions. */
export function findHandler(codeDirectory: string, handler: string): { readonly url: string; readonly exported: string } {
  const dot = handler.lastIndexOf('.');
  const [file, exported] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const path = ['.js', '.mjs', '.cjs'].map((extension) => join(codeDirectory, file + extension)).find((one) => existsSync(one));
  if (path === undefined) throw importError(`Cannot find module '${file}' in ${codeDirectory}`);
  return { url: pathToFileURL(path).href, exported };
}

export function handlerOf(module: unknown, handler: string, exported: string): Handler {
  const found: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, exported) : undefined;
  if (typeof found === 'function') {
    return (event, context) => {
      const answer: unknown = Reflect.apply(found, undefined, [event, context]);
      return answer;
    };
  }
  throw Object.assign(new Error(`${handler} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
}

const importError = (message: string) => Object.assign(new Error(message), { name: 'Runtime.ImportModuleError' });
