import { request } from 'node:http';
import { connect } from 'node:net';
import { matchesCode } from '../core/health.ts';
import type { HealthCheck, ProbeResult } from '../core/model.ts';

/** A real health check. Its timeout is the declared one in real time, as running code and requests are not scaled. */
export async function probe(address: string, port: number, check: HealthCheck): Promise<ProbeResult> {
  // An instance that has lost its address: Node would take none for localhost.
  if (address === '') return NO_CONNECTION;
  const signal = AbortSignal.timeout(check.timeoutSeconds * 1000);
  return check.protocol === 'HTTP' ? probeHttp(address, port, check, signal) : probeTcp(address, port, signal);
}

function probeHttp(address: string, port: number, check: HealthCheck, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const headers = { 'User-Agent': 'ELB-HealthChecker/2.0', Connection: 'close', Host: `${address}:${port}` };
    const probing = request({ host: address, port, path: check.path, headers, agent: false, signal }, (response) => {
      response.resume();
      resolve(judgeStatus(check.matcher, response.statusCode ?? 0));
    });
    probing.on('error', () => resolve(signal.aborted ? TIMED_OUT : NO_CONNECTION));
    probing.end();
  });
}

function probeTcp(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ kind: 'passed' });
    });
    socket.once('error', () => resolve(signal.aborted ? TIMED_OUT : NO_CONNECTION));
  });
}

export function judgeStatus(matcher: string, status: number): ProbeResult {
  if (matchesCode(matcher, status)) return { kind: 'passed' };
  return {
    kind: 'failed',
    reason: 'Target.ResponseCodeMismatch',
    description: `Health checks failed with these codes: [${status}]`,
  };
}

export const TIMED_OUT: ProbeResult = { kind: 'failed', reason: 'Target.Timeout', description: 'Request timed out' };
export const NO_CONNECTION: ProbeResult = {
  kind: 'failed',
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};
