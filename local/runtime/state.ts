/** Keeps an account between runs: takes it back after its templates are declared, and writes it down while it runs. */
import * as z from 'zod';
import type { DeclaredResource, LocalService } from '../kernel/service.ts';
import type { Entry, Random, Timetable } from '../kernel/world.ts';
import type { Declared } from './declare.ts';
import { diceOf, NamingDice } from './state-dice.ts';
import { StateFolder, StateFolderError } from './state-folder.ts';

/** Both hold: no more than a minute of anybody's is lost, and a fast account does not spend its time on writing. */
const LEAST_ACCOUNT_MS = 60_000;
const LEAST_REAL_MS = 10_000;

/** What is kept names these. Others may come, go and be renamed with the templates. */
const HOLDERS = [
  'AWS::S3::Bucket',
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::GlobalTable',
  'AWS::EC2::Subnet',
  'AWS::EC2::SecurityGroup',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
];

export interface KeeperOptions {
  readonly directory: string;
  readonly seed: number;
  readonly region: string;
  readonly speed: number;
}

interface Kept {
  readonly time: Timetable;
  readonly services: readonly LocalService[];
  readonly declared: readonly Declared[];
}

export class Keeper {
  readonly random: Random;
  readonly #folder: StateFolder;
  readonly #options: KeeperOptions;
  readonly #dice: NamingDice;
  #kept: Kept | undefined;
  #entry: Entry | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#folder = new StateFolder(options.directory);
    const region = this.#folder.saved?.region ?? options.region;
    if (region !== options.region) {
      this.#folder.release();
      throw new StateFolderError(options.directory, `it keeps an account in ${region}, and this one is in ${options.region}`);
    }
    // Another series every run: with the same one, ids that are kept would be drawn again.
    this.#dice = new NamingDice(diceOf(`${options.seed}/${this.runs}`));
    this.random = this.#dice;
  }

  /** Where what is too large for the file lies. */
  get place(): { readonly directory: string; readonly series: string } {
    return { directory: this.#folder.directory, series: `run${this.runs}` };
  }

  /** Runs of this account, this one among them. */
  get runs(): number {
    return (this.#folder.saved?.runs ?? 0) + 1;
  }

  /** The account's time goes on where it stood: while nothing ran, none passed for it. */
  get startsAt(): number | undefined {
    return this.#folder.saved?.at;
  }

  /** The services with physical names that depend on stack and logical id alone, so that kept things find their holders. */
  naming(services: readonly LocalService[]): readonly LocalService[] {
    return services.map((service) => ({
      ...service,
      resources: Object.fromEntries(
        Object.entries(service.resources).map(([type, make]) => [
          type,
          (resource: DeclaredResource) => this.#dice.during(placeOf(resource), async () => await make(resource)),
        ]),
      ),
    }));
  }

  /** Answers what could not be taken back. */
  async load(services: readonly LocalService[], declared: readonly Declared[]): Promise<readonly string[]> {
    const { saved } = this.#folder;
    if (saved === undefined) return [];
    this.#checkNames(saved.names, declared);
    const notes: string[] = [];
    for (const service of services) {
      if (service.load === undefined || !(service.name in saved.services)) continue;
      notes.push(...(await this.#loadService(service, saved.services[service.name])));
    }
    return notes;
  }

  async #loadService(service: LocalService, saved: unknown): Promise<readonly string[]> {
    try {
      return (await service.load?.(saved)) ?? [];
    } catch (cause) {
      const why = cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
      throw new StateFolderError(this.#options.directory, `what it has of ${service.name} cannot be taken back (${why})`, {
        cause,
      });
    }
  }

  #checkNames(names: Readonly<Record<string, string>>, declared: readonly Declared[]): void {
    const now = namesOf(declared);
    const lost = Object.entries(names).filter(([place, name]) => now[place] !== name);
    if (lost.length === 0) return;
    const shown = lost.slice(0, 3).map(([place, name]) => `${place} was ${name}, is ${now[place] ?? 'not declared'}`);
    throw new StateFolderError(
      this.#options.directory,
      `it was made with other templates (${shown.join('; ')}${lost.length > 3 ? `; and ${lost.length - 3} more` : ''})`,
    );
  }

  /** From now on the account is written down. Not before: half an account must not take the place of a whole one. */
  begin(kept: Kept): void {
    this.#kept = kept;
    this.#schedule(kept);
  }

  #schedule(kept: Kept): void {
    const wait = Math.max(LEAST_ACCOUNT_MS, LEAST_REAL_MS * this.#options.speed);
    this.#entry = kept.time.after(wait, 'the account is written down', async () => {
      await this.#save(kept).finally(() => {
        if (this.#kept !== undefined) this.#schedule(kept);
      });
    });
  }

  /** One after the other. */
  #save(kept: Kept): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write(kept));
    return this.#writing;
  }

  async #write({ time, services, declared }: Kept): Promise<void> {
    const at = time.now();
    // All are asked in one go, so that what one says of another's things is true of them.
    const saved = await Promise.all(services.map(async (service) => [service.name, await service.save?.()] as const));
    const { region } = this.#options;
    const given = saved.filter(([, part]) => part !== undefined);
    await this.#folder.write({ runs: this.runs, region, at, names: namesOf(declared), services: Object.fromEntries(given) });
  }

  /** Writes the account down for the last time, if it had begun. */
  async end(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    this.#entry?.cancel();
    if (kept !== undefined) await this.#save(kept);
  }

  /** After everything has stopped. */
  release(): void {
    this.#folder.release();
  }
}

const placeOf = ({ stack, logicalId }: Pick<Declared, 'stack' | 'logicalId'>) => `${stack}/${logicalId}`;

const namesOf = (declared: readonly Declared[]): Readonly<Record<string, string>> =>
  Object.fromEntries(declared.filter(({ type }) => HOLDERS.includes(type)).map((one) => [placeOf(one), one.ref]));
