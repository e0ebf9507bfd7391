/** What `twin.json` may say, and that mistakes name the file, the field, what was found and what is allowed. */
import { describe, expect, it } from 'vitest';
import { parseTwin } from '../../twin/twin-file.ts';

const GOOD = { name: 'hello', entrypoint: '/app/hello', files: [{ source: 'hello', target: '/app/hello' }] };
const parse = (changes: object) => parseTwin(JSON.stringify({ ...GOOD, ...changes }), 'web/twin.json');

describe('twin.json', () => {
  it('needs a name and an entrypoint; everything else has a value', () => {
    expect(parse({})).toMatchObject({
      arguments: [],
      env: {},
      directory: '/',
      ports: [],
      packages: [],
      dataVolume: false,
      capabilities: [],
      stop: { signal: 'SIGTERM', graceSeconds: 10 },
    });
  });

  it.each<[string, object, string]>([
    ['a missing field', { entrypoint: undefined }, 'entrypoint: missing'],
    ['an unknown field', { port: 80 }, 'port: unknown field; allowed: $schema, name, entrypoint, arguments'],
    ['a name that no image key may have', { name: 'Web_1' }, 'name: found "Web_1": must be 2 to 20 small letters'],
    ['a program named relatively', { entrypoint: 'app/hello' }, 'entrypoint: found "app/hello": must be an absolute path'],
    ['a way out of the image', { entrypoint: '/app/../../hello' }, 'must not have empty parts, "." or ".."'],
    ['a port beyond 65535', { ports: [{ port: 70_000 }] }, 'ports[0].port: found 70000'],
    ['an unknown protocol', { ports: [{ port: 80, protocol: 'quic' }] }, 'found "quic", allowed: http, tcp, udp'],
    ['a signal nobody can handle', { stop: { signal: 'SIGKILL' } }, 'stop.signal: found "SIGKILL", allowed: SIGHUP'],
    [
      'a mode that is not octal',
      { files: [{ source: 'a', target: '/a', mode: '899' }] },
      'files[0].mode: found "899": must be three',
    ],
    ['a file with two contents', { files: [{ source: 'a', text: 'b', target: '/a' }] }, 'give exactly one of source and text'],
    ['a kernel that is none of Debian', { kernel: '6.1' }, 'kernel: found "6.1": must be a kernel as "source.kernel"'],
    [
      'a capability the kernel has not',
      { capabilities: ['CAP_NET_ADMIN', 'NET_ADMIN'] },
      'capabilities[1]: found "NET_ADMIN", allowed: CAP_CHOWN, CAP_DAC_OVERRIDE',
    ],
    ['a NUL in an argument', { arguments: ['a\0b'] }, 'arguments[0]: found "a\\u0000b": must not have a NUL'],
    ['a variable without a name', { env: { 'A B': '1' } }, 'env.A B'],
  ])('refuses %s', (_what, changes, said) => {
    expect(() => parse(changes)).toThrow(said);
    expect(() => parse(changes)).toThrow('web/twin.json has an error');
  });

  it('takes the place of its schema for the editor, and a kernel as release.json names it', () => {
    const kernel = 'linux-image-6.12.101+deb12-cloud-amd64_6.12.101-1~deb12u1_amd64';
    expect(parse({ $schema: '../twin.schema.json', kernel })).toMatchObject({ kernel });
  });

  it('tells all errors at once', () => {
    expect(() => parse({ name: '', ports: [{ port: 0 }] })).toThrow(/has 2 errors:[^]*name: [^]*ports\[0\]\.port: found 0/);
  });

  it('says where JSON itself is broken', () => {
    expect(() => parseTwin('{ "name": ', 'web/twin.json')).toThrow('web/twin.json is no JSON: ');
  });
});
