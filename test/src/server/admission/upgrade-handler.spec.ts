import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { answerAndEnd } from '../../../../src/server/admission/upgrade-handler';

function stream() {
  const written: string[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { socket, written };
}

describe('the response to a refused upgrade', () => {
  it('is written, and the socket is closed after it', async () => {
    const { socket, written } = stream();
    answerAndEnd(socket, 403, 'Forbidden.');
    await new Promise((resolve) => socket.once('close', resolve));
    assert.match(written.join(''), /^HTTP\/1\.1 403 Forbidden\r\nConnection: close\r\n.*\r\n\r\nForbidden\.\n$/s);
  });

  it('is not written to a socket that has ended, which is destroyed', () => {
    const { socket, written } = stream();
    socket.end();
    answerAndEnd(socket, 403, 'Forbidden.');
    assert.deepEqual([written, socket.destroyed, socket.listenerCount('finish')], [[], true, 0]);
  });
});
