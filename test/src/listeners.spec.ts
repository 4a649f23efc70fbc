import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Callback, callbacksIn } from '../helpers/listeners';

const root = resolve(__dirname, '../..');

/** The code that runs in Node-RED: the toolkit, and the nodes without their editor. */
function files(): string[] {
  const below = (folder: string, recursive: boolean) =>
    readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(folder, name));
  return [...below('src', true), ...below('nodes', false), ...below('nodes/runtime', true)];
}

interface Exception {
  readonly file: RegExp;
  readonly place: RegExp;
  /** The reason why its exceptions do not reach the process. */
  readonly why: string;
}

const exceptions: readonly Exception[] = [
  {
    file: /^nodes\/runtime\//,
    place: /^(this|node|this\.node)\.on\("(input|close)"\)$/,
    why: 'Node-RED calls these within a try, and counts their parameters, so they cannot be wrapped',
  },
  { file: /^nodes\/runtime\//, place: /^flowsStarted\.once\(/, why: 'FlowsStarted catches what it calls' },
  { file: /^nodes\/runtime\/hook\/handover\.ts$/, place: /^process\.once\("exit"\)$/, why: 'each `tell` is guarded when it is left' },
  { file: /^src\/connection\/loop-scheduler\.ts$/, place: /^setImmediate$/, why: 'it catches what each task throws, and else counts' },
  { file: /^src\/connection\/sweep\.ts$/, place: /^setInterval$/, why: 'what it polls is guarded, and else it counts' },
  { file: /^src\/connection\/send-deadline\.ts$/, place: /^setInterval$/, why: 'it guards each poll, and else counts' },
  {
    file: /^src\/client\/handshake\.ts$/,
    place: /^(createConnection|finishRequest)$/,
    why: '`ws` calls them within `new WebSocket`, which is within a try',
  },
  {
    file: /^src\/conversation\/formats\/socket-io\.ts$/,
    place: /^decoder\.on\("decoded"\)$/,
    why: 'the decoder calls it within `add`, whose caller catches what decoding throws',
  },
  {
    file: /^src\/server\/admission\/upgrade-handler\.ts$/,
    place: /^(handleProtocols|this\.ws\.handleUpgrade)$/,
    why: '`ws` calls them within `handleUpgrade`, which a guarded upgrade listener calls',
  },
];

const isExcepted = (file: string, place: string) => exceptions.some((one) => one.file.test(file) && one.place.test(place));

describe('callbacks', () => {
  const all = files().map((file) => ({ file, callbacks: callbacksIn(readFileSync(join(root, file), 'utf8')) }));
  const unguarded = all.flatMap(({ file, callbacks }) =>
    callbacks.filter(({ isGuarded }) => !isGuarded).map(({ place, source }) => ({ file, place, source })),
  );

  it('of sockets, streams, servers, timers, promises and Node itself are guarded', () => {
    const found = unguarded.filter(({ file, place }) => !isExcepted(file, place));
    assert.deepEqual(
      found.map(({ file, place, source }) => `${file}: ${place}: ${source.slice(0, 120)}`),
      [],
      'in Node-RED an exception there ends the whole process: see `guarded` in src/core/log.ts',
    );
  });

  it('are found in all files that have some', () => {
    const count = (callbacks: readonly Callback[]) => callbacks.length;
    const of = (name: string) => count(all.find(({ file }) => file === name)?.callbacks ?? []);
    assert.ok(all.length > 70, `${all.length} files`);
    assert.ok(all.reduce((sum, { callbacks }) => sum + count(callbacks), 0) > 80);
    for (const [file, least] of Object.entries({
      'src/connection/connection.ts': 6,
      'src/connection/incoming.ts': 6,
      'src/client/handshake.ts': 8,
      'src/server/admission/tcp-admission.ts': 8,
      'src/client/handshake-progress.ts': 4,
      'src/proxy/tunnel.ts': 3,
      'src/connection/write-queue.ts': 1,
    })) {
      assert.ok(of(file) >= least, `${of(file)} in ${file}`);
    }
  });

  for (const { file, place, why } of exceptions) {
    it(`that need no guard are still there: ${place.source} (${why})`, () => {
      assert.ok(unguarded.some((one) => file.test(one.file) && place.test(one.place)));
    });
  }
});

describe('a callback is found unguarded', () => {
  const rows: [string, string][] = [
    ['a listener', `socket.on('data', (chunk) => read(chunk))`],
    ['a listener with a function of the file', `const read = (chunk) => parse(chunk); socket.once('data', read)`],
    ['a listener that is a method', `class A { read() { parse(); } begin() { this.socket.prependListener('data', this.read); } }`],
    ['a listener that came as a parameter', `const add = (socket, read) => socket.addListener('data', read)`],
    ['a listener of an event that is a variable', `socket.on(event, (chunk) => read(chunk))`],
    ['a listener of an AbortSignal', `signal.addEventListener('abort', () => stop())`],
    ['a property that is a listener', `socket.onmessage = (event) => read(event)`],
    ['an async listener, though guarded', `socket.on('data', guarded(log, async (chunk) => read(chunk)))`],
    ['a timer', `setTimeout(() => look(), 5)`],
    ['a timer of an object', `timers.setInterval(look, 5)`],
    ['an immediate', `setImmediate(look)`],
    ['a microtask', `queueMicrotask(() => look()); `],
    ['a next tick', `process.nextTick(look)`],
    ['the callback of a write', `socket.write(data, (error) => told(error))`],
    ['the callback of an end', `socket.end(() => told())`],
    ['the callback of listen', `server.listen(0, () => told())`],
    ['the callback of a message', `ws.send(data, {}, (error) => told(error))`],
    ['the callback of a function of Node', `import { lookup as find } from 'node:dns'; find('host', (error, address) => told(address))`],
    ['the listener of a server', `import { createServer } from 'node:net'; createServer((socket) => told(socket))`],
    [
      'the callback of one of two functions',
      `import { a, b } from 'node:http'; const send = c ? a : b; send(url, (response) => read(response))`,
    ],
    ['an option that is a callback', `connect({ checkServerIdentity(host) { return check(host); } })`],
    ['a promise without a catch', `read().then((text) => told(text))`],
    ['a promise that is ignored', `void read().then((text) => told(text))`],
    ['a promise whose catch can throw', `read().catch((error) => told(error))`],
    ['a promise with something after its catch', `read().catch((error) => log.error(error)).finally(() => told())`],
    ['a callback that catches a part', `setTimeout(() => { look(); try { told(); } catch {} }, 5)`],
    ['a callback whose catch can throw', `setTimeout(() => { try { told(); } catch (error) { told(error); } }, 5)`],
    ['a harmless call with an argument that is not', `setTimeout(() => socket.destroy(reason()), 5)`],
    ['something behind void', `setTimeout(() => void told(), 5)`],
  ];
  for (const [title, source] of rows) {
    it(title, () =>
      assert.deepEqual(
        callbacksIn(source).map(({ isGuarded }) => isGuarded),
        [false],
      ),
    );
  }
});

describe('a callback is found guarded', () => {
  const rows: [string, string][] = [
    ['by guarded', `socket.on('data', guarded(log, (chunk) => read(chunk)))`],
    ['by a variable that holds what is guarded', `const read = guarded(log, (chunk) => parse(chunk)); socket.on('data', read)`],
    ['by a field', `class A { read = guarded(log, (chunk) => parse(chunk)); begin() { socket.on('data', this.read); } }`],
    ['by guardedMethod', `class A { begin() { socket.on('data', guardedMethod(log, this, this.read)); } }`],
    ['by a guard of its own', `const own = guardWith(reject); socket.on('data', own((chunk) => parse(chunk)))`],
    ['by a function that guards', `const own = (callback) => guarded(log, callback); setTimeout(own(look), 5)`],
    ['by a parameter named guard', `const watch = (socket, guard) => socket.once('close', guard(() => told()))`],
    ['by a try around everything', `setTimeout(() => { try { told(); } catch (error) { log.error(error); } }, 5)`],
    ['where it does nothing', `socket.on('error', () => {})`],
    [
      'where it settles a promise',
      `new Promise((resolve, reject) => { socket.once('error', reject); socket.once('end', () => resolve(1)); })`,
    ],
    ['where it destroys', `socket.once('finish', () => socket.destroy())`],
    ['where it assigns', `socket.once('end', () => { isOver = true; })`],
    ['where a promise ends in a catch that logs', `read().then(told).catch((error) => log.error(error))`],
    ['where both ends of a promise settle another', `read().then(resolve, reject)`],
  ];
  for (const [title, source] of rows) {
    it(title, () => {
      const found = callbacksIn(source);
      assert.ok(found.length > 0);
      assert.ok(
        found.every(({ isGuarded }) => isGuarded),
        JSON.stringify(found),
      );
    });
  }

  const others: [string, string][] = [
    ['a list of our own', `socket.events.on((event) => told(event))`],
    ['a function of ours named like one of Node', `import { connect } from './connect'; connect(options, (opened) => told(opened))`],
    ['a promise that is waited for', `async () => { await read().then((text) => told(text)); }`],
    ['a text that is written', `socket.write(text, 'latin1')`],
  ];
  for (const [title, source] of others) it(`not at all: ${title}`, () => assert.deepEqual(callbacksIn(source), []));
});
