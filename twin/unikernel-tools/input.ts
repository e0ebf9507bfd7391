/** What a unikernel's builder is given: the service as it lies in a directory, and how it is run. */
export interface UnikernelInput {
  /** The service's name: lower case letters, digits and hyphens. */
  readonly name: string;
  /** A directory with every file of the image at its place: program, libraries, configuration. */
  readonly root: string;
  /** Where the program is in the image: absolute. */
  readonly entrypoint: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Where the program starts: absolute. */
  readonly directory: string;
  readonly ports: readonly { readonly port: number; readonly protocol: 'tcp' | 'udp' }[];
  readonly memoryMiB?: number;
  /** An empty directory for what lies between; its owner removes it. */
  readonly scratch: string;
  /** The file to write: a raw disk. */
  readonly output: string;
}

/** What a tool is started in, and who hears its lines. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}
