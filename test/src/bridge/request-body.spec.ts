import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { readBody } from '../../../src/bridge/request-body';
import { httpServer, tcpClient } from '../../helpers/peers';
import { Queue } from '../../helpers/queue';
import { teardown } from '../../helpers/teardown';

const json = { 'content-type': 'application/json' };

/** Starts a server that reads bodies of at most 2000 bytes. @returns the results of its requests. */
async function reading() {
  const results = new Queue<unknown>();
  const port = await httpServer((request, response) => {
    readBody(request, 2000).then(
      (body) => results.push(body),
      (error) => results.push(error),
    );
    results.take('a result').then(
      () => response.end(),
      () => response.destroy(),
    );
  });
  return { port, results };
}

async function read(body: string | Buffer, headers: Record<string, string> = json): Promise<unknown> {
  const { port, results } = await reading();
  await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body as string)) }).catch(() => {});
  return results.all[0];
}

describe('readBody', () => {
  afterEach(teardown);

  it('returns the object', async () =>
    assert.deepEqual(await read('{"a":"é"}', { 'content-type': 'Application/JSON ; charset=utf-8' }), { a: 'é' }));

  it('inflates gzip', async () => assert.deepEqual(await read(gzipSync('{"a":1}'), { ...json, 'content-encoding': 'gzip' }), { a: 1 }));

  const nested = `{"a":${'['.repeat(500)}${']'.repeat(500)}}`;
  for (const [title, body, headers, status] of [
    ['another type', '{}', { 'content-type': 'text/plain' }, 415],
    ['another encoding', '{}', { ...json, 'content-encoding': 'br' }, 415],
    ['more bytes than the limit', `{"a":"${'x'.repeat(2000)}"}`, json, 413],
    ['more bytes than the limit after inflation', gzipSync(`{"a":"${'x'.repeat(2000)}"}`), { ...json, 'content-encoding': 'gzip' }, 413],
    ['what is not gzip', '{}', { ...json, 'content-encoding': 'gzip' }, 400],
    ['what is not JSON', '{a}', json, 400],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400],
    ['a list', '[]', json, 400],
    ['null', 'null', json, 400],
    ['a body that is nested more than 500 levels deep', nested, json, 400],
  ] as [string, string | Buffer, Record<string, string>, number][]) {
    it(`rejects ${title} with ${status}`, async () => assert.equal(((await read(body, headers)) as { status: number }).status, status));
  }

  it('does not count the brackets in a text as depth', async () => {
    assert.deepEqual(await read(`{"a":"${'['.repeat(900)}"}`), { a: '['.repeat(900) });
  });

  it('fails if the connection ends before the end of the body', async () => {
    const { port, results } = await reading();
    const socket = await tcpClient(port);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{');
    setImmediate(() => setImmediate(() => socket.destroy()));
    const fault = (await results.take('a result')) as { status: number };
    assert.equal(fault.status, 400);
  });
});
