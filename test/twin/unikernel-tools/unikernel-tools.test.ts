/** ops and kraft are not on this machine: stand-ins write down how they are called, and leave what the real ones leave. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseForm } from '../../../twin/unikernel-tools/find-tool.ts';
import type { UnikernelInput } from '../../../twin/unikernel-tools/input.ts';
import { buildWithKraft, commandLine, kraftfile } from '../../../twin/unikernel-tools/kraft.ts';
import { buildWithOps } from '../../../twin/unikernel-tools/ops.ts';
import { standIn } from './stand-in.ts';

let home: string;
let input: UnikernelInput;
const told: string[] = [];
const tell = (line: string) => void told.push(line);

beforeEach(async () => {
  told.length = 0;
  home = await mkdtemp(join(tmpdir(), 'unikernel-'));
  await mkdir(join(home, 'root/app'), { recursive: true });
  await mkdir(join(home, 'root/lib'), { recursive: true });
  await mkdir(join(home, 'scratch'));
  await writeFile(join(home, 'root/app/hello'), 'the program');
  await writeFile(join(home, 'root/motd'), 'hi');
  input = {
    name: 'hello',
    root: join(home, 'root'),
    entrypoint: '/app/hello',
    arguments: ['--greeting', 'good day'],
    environment: { PORT: '8080', PRICE: '$5' },
    directory: '/app',
    ports: [
      { port: 8080, protocol: 'tcp' },
      { port: 53, protocol: 'udp' },
    ],
    memoryMiB: 256,
    scratch: join(home, 'scratch'),
    output: join(home, 'unikernel.raw'),
  };
});
afterEach(() => rm(home, { recursive: true, force: true }));

const environment = () => ({ PATH: process.env['PATH'], HOME: home, ops_render_config: 'true' });

describe('ops', () => {
  const MAKES = `const name = args[args.indexOf('-i') + 1];
    const image = path.join(process.env.HOME, '.ops/images', name + '.img');
    fs.mkdirSync(path.dirname(image), { recursive: true });
    fs.writeFileSync(image, 'a disk');
    console.log('Bootable image file:' + image);`;

  it('is started in the root of the image, with the program named from there', async () => {
    const ops = await standIn(join(home, 'bin'), 'ops', MAKES);
    await buildWithOps(ops.program, input, { environment: environment(), tell });
    const [call] = await ops.calls();
    expect(call?.arguments.slice(0, 4)).toEqual(['build', 'app/hello', '-c', join(home, 'scratch/ops.json')]);
    expect(call?.directory).toBe(input.root);
  });

  it('is given files, arguments, environment, ports and memory in its own words', async () => {
    const ops = await standIn(join(home, 'bin'), 'ops', MAKES);
    await buildWithOps(ops.program, input, { environment: environment(), tell });
    expect(JSON.parse(await readFile(join(home, 'scratch/ops.json'), 'utf8'))).toEqual({
      Args: ['--greeting', 'good day'],
      Env: { PORT: '8080', PRICE: '$5' },
      Dirs: ['app', 'lib'],
      Files: ['motd'],
      LocalFilesParentDirectory: input.root,
      TargetRoot: input.root,
      NameServers: ['169.254.169.253'],
      RunConfig: { Ports: ['8080'], UDPPorts: ['53'], Memory: '256M' },
      ManifestPassthrough: { cwd: '/app', exec_wait_for_ip4_secs: '10' },
    });
  });

  it('does not replace dollars in values, whatever the environment says', async () => {
    const ops = await standIn(join(home, 'bin'), 'ops', MAKES);
    await buildWithOps(ops.program, input, { environment: environment(), tell });
    expect((await ops.calls())[0]?.environment).not.toHaveProperty('ops_render_config');
  });

  it('leaves the image where it is wanted, and none in its own store', async () => {
    const ops = await standIn(join(home, 'bin'), 'ops', MAKES);
    await buildWithOps(ops.program, input, { environment: environment(), tell });
    expect(await readFile(input.output, 'utf8')).toBe('a disk');
    expect(await readdir(join(home, '.ops/images'))).toEqual([]);
  });

  it('is found out when it writes an image of another name', async () => {
    const script = MAKES.replace(`name + '.img'`, 'name').replace(/console.log.*/, '');
    const ops = await standIn(join(home, 'bin'), 'ops', script);
    await buildWithOps(ops.program, input, { environment: environment(), tell });
    expect(await readFile(input.output, 'utf8')).toBe('a disk');
  });

  it('fails with its last words', async () => {
    const ops = await standIn(join(home, 'bin'), 'ops', `console.error('libfoo.so.1: no such file'); process.exit(1);`);
    const building = buildWithOps(ops.program, input, { environment: environment(), tell });
    await expect(building).rejects.toThrow(/ops build failed \(exit 1\).*\n.*libfoo\.so\.1: no such file/);
    expect(told).toEqual(['ops build: libfoo.so.1: no such file']);
  });

  it('that ends well without an image is an error that says where it was looked for', async () => {
    const ops = await standIn(join(home, 'bin'), 'ops', '');
    const building = buildWithOps(ops.program, input, { environment: environment(), tell });
    await expect(building).rejects.toThrow(`${home}/.ops/images`);
  });
});

describe('kraft', () => {
  const MAKES = `if (args[0] === 'build') {
      fs.mkdirSync('.unikraft/build', { recursive: true });
      fs.writeFileSync('.unikraft/build/initramfs-x86_64.cpio', 'files');
    } else {
      const to = path.join(args[args.indexOf('-w') + 1], 'unikraft/bin');
      fs.mkdirSync(to, { recursive: true });
      fs.writeFileSync(path.join(to, 'kernel'), 'kernel');
    }`;

  it('has a Kraftfile with the runtime, the files, the program and its environment', () => {
    expect(kraftfile(input).split('\n')).toEqual([
      'spec: "v0.6"',
      'name: "hello"',
      'runtime: "unikraft.org/base:latest"',
      `rootfs: "${input.root}"`,
      'cmd: ["/app/hello","--greeting","good day"]',
      'env: {"PORT":"8080","PRICE":"$5"}',
      '',
    ]);
  });

  it('builds for QEMU without asking anything, and is asked for the kernel', async () => {
    const kraft = await standIn(join(home, 'bin'), 'kraft', MAKES);
    await buildWithKraft(kraft.program, input, { environment: environment(), tell });
    const calls = await kraft.calls();
    expect(calls.map((call) => call.arguments.join(' '))).toEqual([
      `build --no-cache --plat qemu --arch x86_64 ${home}/scratch/kraft`,
      `pkg pull -w ${home}/scratch/runtime --plat qemu --arch x86_64 unikraft.org/base:latest`,
    ]);
    expect(calls[0]?.environment).toMatchObject({ KRAFTKIT_NO_PROMPT: 'true', KRAFTKIT_LOG_TYPE: 'basic' });
  });

  it('gives a kernel, a RAM disk and a command line for a Multiboot loader', async () => {
    const kraft = await standIn(join(home, 'bin'), 'kraft', MAKES);
    const made = await buildWithKraft(kraft.program, input, { environment: environment(), tell });
    expect(made).toEqual({
      kernel: join(home, 'scratch/runtime/unikraft/bin/kernel'),
      modules: [join(home, 'scratch/kraft/.unikraft/build/initramfs-x86_64.cpio')],
      commandLine:
        'hello vfs.fstab=[ "initrd0:/:extract::ramfs=1:" ] env.vars=[ "PWD=/app" "PORT=8080" "PRICE=$5" ] -- /app/hello "--greeting" "good day"',
    });
  });

  it('refuses what its command line cannot carry, before anything is built', () => {
    expect(() => commandLine({ ...input, arguments: ['say "hi"'] })).toThrow(/cannot carry "say \\"hi\\""/);
    expect(() => commandLine({ ...input, environment: { LONG: 'x'.repeat(3000) } })).toThrow(/which takes 2000/);
  });

  it('that leaves no RAM disk is an error that names the place', async () => {
    const kraft = await standIn(join(home, 'bin'), 'kraft', '');
    const building = buildWithKraft(kraft.program, input, { environment: environment(), tell });
    await expect(building).rejects.toThrow(/left no/);
  });
});

describe('the form of unikernel.raw', () => {
  const path = () => join(home, 'bin');

  it('is a single process where neither tool is on the PATH, and says that it is no unikernel', () => {
    const choice = chooseForm(undefined, path());
    expect(choice.form).toBe('single-process');
    expect(choice.statement).toContain('It is not a unikernel');
  });

  it('is Unikraft where only kraft is, and says that EC2 will not boot it', async () => {
    await standIn(path(), 'kraft', '');
    const choice = chooseForm(undefined, path());
    expect(choice).toMatchObject({ form: 'kraft', program: join(path(), 'kraft') });
    expect(choice.statement).toContain('does NOT boot there');
  });

  it('is Nanos where both are', async () => {
    await standIn(path(), 'kraft', '');
    await standIn(path(), 'ops', '');
    expect(chooseForm(undefined, path())).toMatchObject({ form: 'ops', program: join(path(), 'ops') });
  });

  it('is what is asked for, and an error where its tool is missing', async () => {
    await standIn(path(), 'kraft', '');
    expect(chooseForm('single-process', path()).form).toBe('single-process');
    expect(() => chooseForm('ops', path())).toThrow(/ops is not on the PATH/);
  });

  it('comes from no directory that is named from where we happen to be', async () => {
    await standIn(path(), 'ops', '');
    const before = process.cwd();
    process.chdir(home);
    try {
      expect(chooseForm(undefined, 'bin').form).toBe('single-process');
    } finally {
      process.chdir(before);
    }
  });
});
