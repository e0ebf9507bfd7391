import type { Workflow } from './asl.ts';
import type { Callable } from './steps.ts';

export function checkWorkflow(_definition: Workflow, _callables: readonly Callable[]): string[] {
  return [];
}
