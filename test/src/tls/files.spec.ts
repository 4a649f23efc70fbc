import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { probeClient } from '../../../src/client/probe';
import { type AttemptOptions, clientOptions } from '../../../src/options/client';
import { read } from '../../../src/options/read';
import { serverOptions } from '../../../src/options/server';
import { probeServer } from '../../../src/server/probe';
import { maxFileBytes, readSmallFile } from '../../../src/tls/files';
import { certs } from '../../helpers/certs';
import { fakeClock } from '../../helpers/clock';
import { folder, pipe, silentFiles } from '../../helpers/files';
import { until, within } from '../../helpers/queue';
import { client, server, TestLog } from '../../helpers/sockets';
import { onTeardown, stub, teardown } from '../../helpers/teardown';

const written = (bytes: number | string, name = 'file.pem') => {
  const path = join(folder(), name);
  writeFileSync(path, typeof bytes === 'string' ? bytes : Buffer.alloc(bytes, 'x'));
  return path;
};

const failure = async (path: string, stop?: AbortSignal): Promise<string> => {
  const error = await within(
    readSmallFile(path, stop).then(() => undefined),
    'the end of a read',
  ).catch((cause: Error) => cause);
  return error instanceof Error ? error.message : 'none';
};

describe('readSmallFile', () => {
  afterEach(teardown);

  it('reads a file, also through a link, and one of the largest size', async () => {
    const path = written('größer');
    const link = join(folder(), 'link.pem');
    symlinkSync(path, link);
    assert.deepEqual([String(await readSmallFile(path)), String(await readSmallFile(link))], ['größer', 'größer']);
    assert.equal((await readSmallFile(written(maxFileBytes))).length, maxFileBytes);
  });

  describe('refuses', () => {
    const socket = async () => {
      const path = join(folder(), 'socket.pem');
      const listening = createServer().listen(path);
      onTeardown(() => listening.close());
      await until(() => existsSync(path), 'the socket');
      return path;
    };
    const directory = () => {
      const path = join(folder(), 'directory.pem');
      mkdirSync(path);
      return path;
    };
    const rows: [string, () => string | Promise<string>, RegExp][] = [
      ['a directory', directory, /^it is not a file, but a directory$/],
      ['a pipe that nobody writes into', pipe, /^it is not a file, but a pipe$/],
      ['a socket', socket, /^it is not a file, but a socket$/],
      ['a device that never ends', () => '/dev/zero', /^it is not a file, but a device$/],
      ['a file of a byte too many', () => written(maxFileBytes + 1), /^it has 1048577 bytes, and at most 1048576 are read$/],
      ['an empty file', () => written(0), /^it is empty/],
      ['a file of /proc that waits for what comes', () => '/proc/kmsg', /^it is empty, or has no size, like the files of \/proc$/],
      ['a file of /proc without an end', () => '/proc/self/pagemap', /^it is empty, or has no size, like the files of \/proc$/],
    ];
    for (const [title, path, sentence] of rows) {
      it(title, async function () {
        const made = await path();
        if (!existsSync(made)) this.skip();
        const { open } = fs;
        let opened = 0;
        stub(fs, 'open', ((...given: Parameters<typeof open>) => {
          opened++;
          return open(...given);
        }) as never);
        assert.match(await failure(made), sentence);
        assert.equal(opened, 0, 'what it is was known before it was opened');
      });
    }

    it('a pipe that took the place of a file in the meantime, without a wait for a writer', async () => {
      const regular = await fs.stat(written('x'));
      const path = pipe();
      stub(fs, 'stat', (async () => regular) as never);
      assert.match(await failure(path), /not a file, but a pipe/);
    });

    it('a file that grew in the meantime', async () => {
      const path = written('long enough');
      const { open } = fs;
      const shrunk = async (...given: Parameters<typeof open>) => {
        const handle = await open(...given);
        const { stat } = handle;
        handle.stat = (async () => Object.assign(await stat.call(handle), { size: 4 })) as never;
        return handle;
      };
      stub(fs, 'open', shrunk as never);
      assert.equal(await failure(path), 'it grew while it was read');
    });
  });

  describe('on a file system that does not answer', () => {
    it('ends with the signal, and leaves no operation waiting', async () => {
      const { asked } = silentFiles();
      const stop = new AbortController();
      const failures = ['/a', '/b', '/c', '/c'].map((path) => failure(path, stop.signal));
      stop.abort(new Error('stopped'));
      assert.deepEqual(await Promise.all(failures), ['stopped', 'stopped', 'stopped', 'stopped']);
      assert.equal(await failure('/d', stop.signal), 'stopped');
      assert.deepEqual(asked, ['/a', '/b']);
    });

    it('has one operation for each file, and two in all', async () => {
      const { asked, answer } = silentFiles();
      const all = ['/a', '/a', '/a', '/b', '/b', '/c'].map((path) => failure(path));
      await until(() => asked.length > 1, 'the first operations');
      await new Promise(setImmediate);
      assert.deepEqual(asked, ['/a', '/b']);
      answer();
      const sentences = await Promise.all(all);
      assert.ok(
        sentences.every((sentence) => /ENOENT/.test(sentence)),
        String(sentences),
      );
      assert.deepEqual([...asked].sort(), ['/a', '/a', '/a', '/b', '/b', '/c']);
    });

    it('leaves a place to other files', async () => {
      silentFiles((path) => path === '/silent');
      const stop = new AbortController();
      onTeardown(() => stop.abort());
      for (let i = 0; i < 5; i++) readSmallFile('/silent', stop.signal).catch(() => {});
      assert.equal(String(await within(readSmallFile(written('here')), 'the other file')), 'here');
    });
  });
});

describe('TLS files on a file system that does not answer', () => {
  afterEach(teardown);

  const files = () => ({ certFile: certs().server.certFile, keyFile: certs().server.keyFile });

  it('time a client start out, in a phase of their own', async () => {
    silentFiles();
    const { success, errorStr } = await client({ URL: 'wss://127.0.0.1:1/', ...files() }).start({}, { timeout: 0.05 });
    assert.equal(success, false);
    assert.equal(
      errorStr,
      'Could not connect to wss://127.0.0.1:1/: timed out after 0.05 s in the phase files: the TLS files were not read. Check that their file system answers.',
    );
  });

  it('do not keep a client from stopping, nor from trying again', async () => {
    const { answer } = silentFiles();
    const harness = client({ URL: 'wss://127.0.0.1:1/', ...files() });
    const started = harness.start();
    await harness.stop();
    assert.match((await started).errorStr ?? '', /aborted by stop or clear/);
    answer();
    assert.match((await harness.start()).errorStr ?? '', /refused/);
  });

  it('fail a server start after 8 s', async () => {
    silentFiles();
    const clock = fakeClock();
    const harness = server({ tls: true, ...files() });
    const started = harness.start();
    clock.tick(8000);
    const { success, errorStr } = await started;
    assert.equal(success, false);
    assert.equal(
      errorStr,
      'Could not listen on wss://127.0.0.1:0: its TLS files were not read within 8 s. Check that their file system answers.',
    );
    assert.equal(harness.socket.state, 'idle');
  });

  it('do not keep a server from stopping, nor from starting again', async () => {
    const { answer } = silentFiles();
    const harness = server({ tls: true, ...files() });
    const started = harness.start();
    await harness.stop();
    assert.match((await started).errorStr ?? '', /it was stopped before it listened/);
    answer();
    assert.equal((await harness.start()).success, true);
  });

  it('keep nobody from clearing a client and a server that start', async () => {
    silentFiles();
    const harnesses = [client({ URL: 'wss://127.0.0.1:1/', ...files() }), server({ tls: true, ...files() })] as const;
    const started = harnesses.map((harness) => harness.start());
    await within(Promise.all(harnesses.map(({ socket }) => socket.clear())), 'the end of both', 1000);
    for (const { success } of await Promise.all(started)) assert.equal(success, false);
  });

  it('end a probe of a client with its deadline, and one of a server with the request', async () => {
    silentFiles();
    const stop = new AbortController();
    const values = { ...read(clientOptions, files()), URL: 'wss://127.0.0.1:1/' } as AttemptOptions;
    const failed = await within(
      probeClient(values, 0.05, stop.signal, () => {}),
      'the end of a client probe',
    );
    assert.deepEqual([failed?.brief, failed?.option], ['timedOut', 'certFile']);
    const probing = probeServer(read(serverOptions, { tls: true, port: 0, ...files() }), stop.signal, () => {}, new TestLog());
    stop.abort();
    assert.equal((await within(probing, 'the end of a server probe'))?.brief, 'stopped');
  });

  it('are reported once for a running server, until they can be read again', async () => {
    const clock = fakeClock();
    const harness = await server({ tls: true, ...files() }).open();
    const { asked, answer } = silentFiles();
    const pass = async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        clock.tick(1000);
        await new Promise(setImmediate);
      }
    };
    await pass(100);
    assert.equal(asked.length, 1, 'one operation for one file that does not answer');
    const { reason } = await harness.next('Error');
    assert.equal(
      reason,
      'The changed TLS files cannot be used, and what was read from them before stays in use. They were not read within 10 s. Check that their file system answers.',
    );
    await pass(100);
    assert.deepEqual(harness.names, ['Error']);
    answer();
    await harness.stop();
  });
});
