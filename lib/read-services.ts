import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceFileSchema, type ServiceFile } from '../core/service/service-file.ts';

/** Every service file of a folder. */
export function readServices(folder: string): ServiceFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
    .sort()
    .map((name) => serviceFileSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}
