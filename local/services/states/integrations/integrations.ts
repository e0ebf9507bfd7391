import type { Api, Functions } from '../../../kernel/ports.ts';
import type { Json } from '../language/json.ts';
import { callSdk } from './aws-sdk.ts';
import type { Integrations, TaskCall } from './integration.ts';
import { invokeFunction } from './invoke-function.ts';
import { runExecution, startExecution } from './start-execution.ts';
import type { Starter } from './start-execution.ts';

export function createIntegrations(functions: Functions, api: Api, start: Starter): Integrations {
  return {
    async call(call: TaskCall): Promise<Json> {
      switch (call.named.kind) {
        case 'lambda':
          return invokeFunction(functions, call);
        case 'start-execution':
          return startExecution(start, call);
        case 'start-execution-sync':
          return runExecution(start, call);
        case 'aws-sdk':
          return callSdk(api, call);
      }
    },
  };
}
