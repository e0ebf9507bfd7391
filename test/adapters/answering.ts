/** An SDK client whose calls are answered here, before anything is put on a wire. Paginators work on it as on AWS. */
export interface Asked {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Answer = (input: Readonly<Record<string, unknown>>, call: number) => unknown;

export function answering<Client>(client: Client, answers: Readonly<Record<string, Answer>>) {
  const asked: Asked[] = [];
  const middleware = (_next: unknown, { commandName }: { commandName: string }) => {
    const command = commandName.replace(/Command$/, '');
    return async ({ input }: { input: Asked['input'] }) => {
      const answer = answers[command];
      if (!answer) throw new Error(`unexpected call: ${command}`);
      const call = asked.filter((one) => one.command === command).length;
      asked.push({ command, input });
      return { output: { $metadata: {}, ...((await answer(input, call)) as object) }, response: {} };
    };
  };
  (client as { middlewareStack: { add(m: unknown, o: unknown): void } }).middlewareStack.add(middleware, {
    step: 'initialize',
    priority: 'high',
  });
  return { client, asked };
}

/** As EC2 fails: its errors are no classes, only names. */
export const failure = (name: string, message = 'as AWS puts it') => Object.assign(new Error(message), { name });

export const fails = (name: string) => () => Promise.reject(failure(name));
