/**
 * One AWS account on one machine: reads a cloud assembly, makes what its templates declare, and serves AWS's protocols.
 *
 *   stopped ──openRuntime──► starting ──► running ──stop──► stopping ──► stopped
 */
import { openInProcess } from './runtime/in-process.ts';
import type { InProcessOptions, InProcessRuntime } from './runtime/in-process.ts';
import { openLive } from './runtime/live.ts';
import type { LiveOptions, LiveRuntime } from './runtime/live.ts';

export { MOST_NETWORK } from './kernel/world.ts';
export { TemplateError } from './kernel/properties.ts';
export { PortUnusable } from './kernel/port-unusable.ts';
export { StateFolderError } from './runtime/state-folder.ts';

export function openRuntime(options: LiveOptions & { readonly mode: 'live' }): Promise<LiveRuntime>;
export function openRuntime(options: InProcessOptions & { readonly mode: 'in-process' }): Promise<InProcessRuntime>;
export function openRuntime(
  options: (LiveOptions & { readonly mode: 'live' }) | (InProcessOptions & { readonly mode: 'in-process' }),
): Promise<LiveRuntime | InProcessRuntime> {
  return options.mode === 'live' ? openLive(options) : openInProcess(options);
}
