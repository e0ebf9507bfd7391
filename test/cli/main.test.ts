import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWhole, UsageError } from '../../cli/command.ts';

const main = path.resolve(import.meta.dirname, '../../cli/main.ts');
const tandem = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

describe('the command line', () => {
  it('without a command says which there are', () => {
    const said = tandem();
    expect(said.status).toBe(0);
    for (const name of ['local', 'order', 'status']) expect(said.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it("ends with 1 and what to do where it is the operator's doing", () => {
    const said = tandem('frob');
    expect(said.status).toBe(1);
    expect(said.stderr).toContain('"frob" is no command');
    expect(said.stderr).toContain('usage: tandem COMMAND');
  });

  it('refuses an unknown option with the command’s own', () => {
    const said = tandem('status', '--colour', 'green');
    expect(said.status).toBe(1);
    expect(said.stderr).toContain("'--colour'");
    expect(said.stderr).toContain('usage: tandem status [SERVICE [VERSION]]');
  });

  it('refuses an order that is none, naming those there are', () => {
    const said = tandem('order', 'hello', '1.0.0', 'explode', '--why', 'fun');
    expect(said.status).toBe(1);
    expect(said.stderr).toContain('"explode" is no order; allowed: abort, pause, resume, promote, finish');
  });

  it('refuses an order without its reason', () => {
    expect(tandem('order', 'hello', '1.0.0', 'abort').stderr).toContain('add --why');
  });
});

describe('tandem local', () => {
  it('says that its port is taken, and what to do, as the operator’s doing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    // Asynchronous: this process must go on holding the port.
    const said = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      const args = [main, 'local', '--assembly', 'none', '--port', `${port}`];
      execFile(process.execPath, args, (error, _stdout, stderr) => resolve({ code: error?.code, stderr }));
    });
    other.close();
    expect(said.code).toBe(1);
    expect(said.stderr).toMatch(new RegExp(`^the account cannot listen on 127\\.0\\.0\\.1:${port}: .*Give another --port\n$`));
  });
});

describe('a whole number on the command line', () => {
  it.each(['', 'x', '1.5', '0', '601'])('is refused as "%s", with the range that is allowed', (text) => {
    expect(() => readWhole({ speed: text }, 'speed', 1, 600)).toThrow(UsageError);
    expect(() => readWhole({ speed: text }, 'speed', 1, 600)).toThrow('--speed takes a whole number from 1 to 600');
  });

  it('is read where it is one', () => {
    expect(readWhole({ speed: '60' }, 'speed', 1, 600)).toBe(60);
  });
});
