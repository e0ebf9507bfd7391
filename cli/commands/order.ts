import { InvokeCommand } from '@aws-sdk/client-lambda';
import { openAccount } from '../account.ts';
import { readText, UsageError, type Command } from '../command.ts';

const INTENTS = ['abort', 'pause', 'resume', 'promote', 'finish'];

function readFailure(payload: string): string {
  const value: unknown = JSON.parse(payload);
  if (typeof value !== 'object' || value === null || !('errorMessage' in value)) return payload;
  return String(value.errorMessage);
}

export const order: Command = {
  name: 'order',
  summary: `Order a release about: ${INTENTS.join(', ')}`,
  usage: `SERVICE VERSION ${INTENTS.join('|')} --why TEXT`,
  options: {
    why: { type: 'string', help: 'Why; recorded with the order' },
    by: { type: 'string', help: 'Who orders', default: process.env['USER'] ?? 'operator' },
  },
  async run([service, version, intent], options, io) {
    const why = readText(options, 'why');
    if (!service || !version || !intent) throw new UsageError(`usage: tandem order ${this.usage}`);
    if (!INTENTS.includes(intent)) throw new UsageError(`"${intent}" is no order; allowed: ${INTENTS.join(', ')}`);
    if (!why) throw new UsageError('an order needs its reason: add --why "..."');
    const account = await openAccount();
    const Payload = JSON.stringify({ service, version, intent, by: readText(options, 'by'), why });
    const answer = await account.lambda.send(new InvokeCommand({ FunctionName: account.controlPlane.orderFunction, Payload }));
    const text = new TextDecoder().decode(answer.Payload);
    if (answer.FunctionError) throw new UsageError(readFailure(text));
    io.tell(`Ordered: ${intent} ${service}@${version}. Follow it: npm run tandem -- status ${service} ${version}`);
    io.emit(JSON.parse(text));
  },
};
