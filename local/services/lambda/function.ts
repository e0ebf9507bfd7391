import type { Invocation } from '../../kernel/ports.ts';

/** A function as its template declares it. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly role: string;
  readonly runtime: string;
  /** `index.handler`: file without its extension, and the export's name. */
  readonly handler: string;
  readonly codeDirectory: string;
  readonly memoryMiB: number;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly description: string;
  readonly logGroup: string;
  readonly logFormat: 'Text' | 'JSON';
  /** Invocations at once; the account's rest where absent. */
  readonly reservedConcurrency?: number;
  readonly deadLetterArn?: string;
  readonly declaredAt: number;
}

/** How asynchronous invocations of a function are retried and where they end (EventInvokeConfig; the API's defaults). */
export interface AsyncConfig {
  readonly maxAgeMs: number;
  readonly maxRetries: number;
  readonly onFailure?: string;
  readonly onSuccess?: string;
}

export const ASYNC_DEFAULTS: AsyncConfig = { maxAgeMs: 6 * 3_600_000, maxRetries: 2 };

/** One run of one function. */
export interface Job {
  readonly fn: LambdaFunction;
  readonly version: string;
  readonly invokedArn: string;
  readonly requestId: string;
  readonly payload: unknown;
}

/** Runs the unchanged code of functions: in worker threads (live), or in this process (in process). */
export interface Executor {
  run(job: Job): Promise<Invocation>;
  stop(): Promise<void>;
}

/** Environment that Lambda itself sets (Lambda developer guide: defined runtime environment variables). */
export function runtimeEnvironment(
  job: Job,
  account: { readonly region: string; readonly endpoint: string },
): Record<string, string> {
  return {
    ...job.fn.environment,
    AWS_REGION: account.region,
    AWS_DEFAULT_REGION: account.region,
    AWS_ENDPOINT_URL: account.endpoint,
    // The local services accept any signature; this id lets their trace name the caller.
    AWS_ACCESS_KEY_ID: 'ASIALOCALRUNTIME0000',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: `AWS_Lambda_${job.fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: job.fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: job.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(job.fn.memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: job.fn.logGroup,
    AWS_LAMBDA_LOG_FORMAT: job.fn.logFormat,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    _HANDLER: job.fn.handler,
    LAMBDA_TASK_ROOT: job.fn.codeDirectory,
    TZ: ':UTC',
    // Nothing of the machine's own AWS settings may reach a function.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: '',
  };
}
