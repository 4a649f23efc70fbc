import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, resolve, sep } from 'node:path';
import { build } from 'esbuild';

const root = resolve(__dirname, '../..');

interface Import {
  readonly file: string;
  /** A package or a module of Node.js by its name, a file by its path from the root. */
  readonly imported: string;
}

/** The sources below a folder, or the one file, by their paths from the root. */
function sources(place: string): string[] {
  if (place.endsWith('.ts')) return [place];
  return readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `${place}/${name.split(sep).join('/')}`);
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*'([^']+)'/g)].map(([, from = '']) => ({
    file,
    imported: from.startsWith('.') ? fileAt(posix.join(posix.dirname(file), from)) : from,
  }));
}

const fileAt = (path: string) => [`${path}.ts`, `${path}/index.ts`, `${path}.d.ts`].find((name) => existsSync(join(root, name))) ?? path;

const isFile = ({ imported }: Import) => /^(src|nodes)\//.test(imported);
const sentence = ({ file, imported }: Import) => `${file} imports ${imported}`;

/** The layers of `src` from the lowest up, with the layers and packages that each may import. All but the pure ones may import Node.js. */
const rooms: {
  readonly [room: string]: { readonly files: readonly string[]; readonly packages?: readonly string[]; readonly pure?: true };
} = {
  'src/core': { files: [], pure: true },
  'src/options': { files: ['src/core'], pure: true },
  'src/net': { files: ['src/core', 'src/options'] },
  'src/tls': { files: ['src/core', 'src/options', 'src/net'] },
  'src/proxy': { files: ['src/core', 'src/options', 'src/net', 'src/tls'], packages: ['https-proxy-agent'] },
  'src/wire': { files: ['src/core', 'src/options'], packages: ['ws', 'bufferutil'] },
  'src/connection': { files: ['src/core', 'src/options', 'src/wire'], packages: ['ws'] },
  'src/conversation': {
    files: ['src/core', 'src/options', 'src/wire', 'src/connection'],
    packages: ['@msgpack/msgpack', '@stomp/stompjs', 'cbor2', 'engine.io-parser', 'socket.io-parser'],
  },
  'src/client': {
    files: ['src/core', 'src/options', 'src/net', 'src/tls', 'src/proxy', 'src/wire', 'src/connection', 'src/conversation'],
    packages: ['ws'],
  },
  'src/server': {
    files: ['src/core', 'src/options', 'src/net', 'src/tls', 'src/wire', 'src/connection', 'src/conversation'],
    packages: ['ws'],
  },
  'src/registry.ts': { files: ['src/core', 'src/client', 'src/server'] },
  'src/inspect/answers.ts': { files: ['src/core'], pure: true },
  'src/inspect': {
    files: ['src/core', 'src/options', 'src/net', 'src/connection', 'src/conversation', 'src/client', 'src/server', 'src/registry.ts'],
  },
  'src/commands': {
    files: ['src/core', 'src/options', 'src/connection', 'src/conversation', 'src/client', 'src/server', 'src/registry.ts'],
  },
  'src/hook': { files: ['src/core', 'src/options', 'src/net', 'src/tls', 'src/registry.ts', 'src/commands'] },
  'src/replay/format.ts': { files: ['src/core'], pure: true },
  'src/replay': { files: ['src/core', 'src/tls'] },
  'src/bridge': { files: ['src/core', 'src/options', 'src/client', 'src/registry.ts', 'src/commands', 'src/hook'] },
  'src/index.ts': { files: ['src'] },
};

/** The layers of `nodes`. */
const layers: typeof rooms = {
  'nodes/settings.ts': { files: ['src/options'], pure: true },
  'nodes/decider-settings.ts': { files: ['nodes/settings.ts'], pure: true },
  'nodes/probe.ts': { files: ['src/core', 'nodes/composed.ts'], pure: true },
  'nodes/composed.ts': { files: [], pure: true },
  'nodes/live.ts': { files: ['src/replay/format.ts', 'src/inspect/answers.ts', 'nodes/composed.ts'], pure: true },
  'nodes/catalog.ts': { files: ['src/index.ts'] },
  'nodes/runtime': {
    files: [
      'src/index.ts',
      'nodes/catalog.ts',
      'nodes/settings.ts',
      'nodes/decider-settings.ts',
      'nodes/probe.ts',
      'nodes/live.ts',
      'nodes/composed.ts',
    ],
    packages: ['@node-red/registry'],
  },
  'nodes/ix-websocket.ts': { files: ['src/index.ts', 'nodes/catalog.ts', 'nodes/runtime'] },
  'nodes/editor/properties.ts': { files: ['src/options', 'nodes/settings.ts', 'nodes/decider-settings.ts'], pure: true },
  'nodes/editor/values.ts': { files: ['src/options', 'nodes/settings.ts', 'nodes/editor/properties.ts'], pure: true },
  'nodes/editor/core-conversion.ts': { files: [], pure: true },
  'nodes/editor/live': { files: ['nodes/live.ts', 'nodes/composed.ts', 'src/inspect/answers.ts'], pure: true },
  'nodes/editor/paste': { files: [], pure: true },
  'nodes/editor/quick-start.ts': { files: [], pure: true },
  'nodes/editor/browser': {
    files: [
      'src/replay/format.ts',
      'nodes/editor/paste',
      'nodes/editor/live',
      'nodes/editor/quick-start.ts',
      ...['src/core', 'src/options', 'src/conversation', 'nodes/settings.ts', 'nodes/probe.ts', 'nodes/live.ts', 'src/inspect/answers.ts'],
      'nodes/composed.ts',
      ...['nodes/editor/properties.ts', 'nodes/editor/values.ts', 'nodes/editor/core-conversion.ts'],
    ],
    packages: ['uqr'],
    pure: true,
  },
  'nodes/editor/build': {
    files: [
      'src',
      'nodes/catalog.ts',
      'nodes/settings.ts',
      'nodes/decider-settings.ts',
      'nodes/editor/properties.ts',
      'nodes/editor/values.ts',
    ],
  },
};

const isIn = (file: string, place: string) => file === place || file.startsWith(`${place}/`);

describe('imports', () => {
  for (const [place, { files, packages = [], pure }] of Object.entries({ ...rooms, ...layers })) {
    const others = [...files, ...packages, ...(pure ? [] : ['Node.js'])];
    it(`${place} imports ${others.length > 0 ? others.join(', ') : 'nothing else'}`, () => {
      const seen = sources(place);
      assert.ok(seen.length > 0, `no file in ${place}`);
      const allowed = (each: Import) =>
        isFile(each)
          ? [place, ...files].some((other) => isIn(each.imported, other))
          : each.imported.startsWith('node:')
            ? !pure
            : packages.includes(each.imported);
      assert.deepEqual(
        seen
          .flatMap(importsOf)
          .filter((each) => !allowed(each))
          .map(sentence),
        [],
      );
    });
  }

  it('every source of src and nodes is in a row', () => {
    const places = Object.keys({ ...rooms, ...layers });
    assert.deepEqual(
      [...sources('src'), ...sources('nodes')].filter((file) => !places.some((place) => isIn(file, place))),
      [],
    );
  });

  it('no file imports itself by way of others', () => {
    const files = [...sources('src'), ...sources('nodes')];
    assert.ok(files.length > 100, `${files.length} files`);
    const imports = new Map(files.map((file) => [file, importsOf(file).filter(isFile)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (done.has(file) || path.includes(file)) return;
      for (const { imported } of imports.get(file) ?? []) visit(imported, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it('only one file touches the private parts of ws', () => {
    const touching = sources('src').filter((file) => /\._(receiver|sender|socket)\b/.test(readFileSync(join(root, file), 'utf8')));
    assert.deepEqual(touching, ['src/wire/ws-internals.ts']);
  });

  it('what the browser gets needs no Node.js, and one package, which the build bundles', async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ['nodes/editor/browser/form.ts'],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      packages: 'external',
      external: ['node:*'],
    });
    const inputs = Object.keys(metafile.inputs);
    assert.ok(inputs.length > 20, `${inputs.length} files`);
    const external = Object.values(metafile.inputs).flatMap(({ imports }) =>
      imports.filter((each) => each.external).map(({ path }) => path),
    );
    assert.deepEqual(external, ['uqr']);
    const places = [
      'nodes/editor',
      'nodes/settings.ts',
      'nodes/decider-settings.ts',
      'nodes/probe.ts',
      'nodes/composed.ts',
      'nodes/live.ts',
      'src/options',
      'src/replay/format.ts',
      'src/core',
      'src/conversation',
    ];
    assert.deepEqual(
      inputs.filter((file) => !places.some((place) => isIn(file, place))),
      [],
    );
  });
});
