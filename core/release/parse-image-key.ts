import type { Build } from '../service/service.ts';
import { versionFault } from './version.ts';

export type ParsedKey =
  | { readonly kind: 'image'; readonly service: string; readonly version: string; readonly build: Build }
  | { readonly kind: 'manifest'; readonly service: string; readonly version: string }
  /** `service` where at least that much could be read. */
  | { readonly kind: 'refused'; readonly service?: string; readonly why: string };

const FORM = '<service>/<version>/linux.raw, …/unikernel.raw or …/release.json';
const SERVICE = /^[a-z][a-z0-9-]{0,18}[a-z0-9]$/;
const LONGEST_SHOWN = 200;

export function parseImageKey(key: string): ParsedKey {
  const shown = key.length > LONGEST_SHOWN ? `${key.slice(0, LONGEST_SHOWN)}…` : key;
  const [service = '', version, file, ...more] = key.split('/');
  if (!SERVICE.test(service)) return { kind: 'refused', why: `"${shown}" does not begin with a service's name. Use ${FORM}` };
  if (version === undefined || file === undefined || more.length > 0) {
    return { kind: 'refused', service, why: `"${shown}" is not of the form ${FORM}` };
  }
  const fault = versionFault(version);
  if (fault !== undefined) return { kind: 'refused', service, why: `"${shown}": ${fault}` };
  switch (file) {
    case 'linux.raw':
      return { kind: 'image', service, version, build: 'linux' };
    case 'unikernel.raw':
      return { kind: 'image', service, version, build: 'unikernel' };
    case 'release.json':
      return { kind: 'manifest', service, version };
    default:
      return { kind: 'refused', service, why: `"${shown}" names no part of a release. Use ${FORM}` };
  }
}
