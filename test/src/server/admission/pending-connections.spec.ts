import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { PendingConnections } from '../../../../src/server/admission/pending-connections';

const addresses = { localAddress: '127.0.0.1', localPort: 1, remoteAddress: '127.0.0.1', remotePort: 2 };
/** A socket that reports these addresses, like a TCP socket and the TLS socket on it. */
const socketAt = (more = {}) => Object.defineProperties(new Socket(), Object.getOwnPropertyDescriptors({ ...addresses, ...more }));
const pendingAt = (more = {}) => ({ socket: socketAt(more) });

describe('PendingConnections', () => {
  it('finds a connection by its socket until it is deleted', () => {
    const all = new PendingConnections(false);
    const pending = pendingAt();
    all.add(pending);
    assert.equal(all.of(pending.socket), pending);
    assert.deepEqual([...all], [pending]);
    assert.equal(all.delete(pending), true);
    assert.equal(all.delete(pending), false);
    assert.equal(all.of(pending.socket), undefined);
    assert.deepEqual([...all], []);
  });

  it('finds it by the TLS socket on the same address pair, and no longer after it is deleted', () => {
    const all = new PendingConnections(true);
    const pending = pendingAt();
    const secured = socketAt();
    all.add(pending);
    assert.equal(all.of(socketAt({ remotePort: 3 })), undefined);
    assert.equal(all.of(secured), pending);
    all.delete(pending);
    assert.equal(all.of(secured), undefined);
  });

  it('finds nothing by an address pair without TLS', () => {
    const all = new PendingConnections(false);
    all.add(pendingAt());
    assert.equal(all.of(socketAt()), undefined);
  });

  it('finds the newer of two connections with the same address pair, whichever is deleted', () => {
    const all = new PendingConnections(true);
    const [older, newer] = [pendingAt(), pendingAt()];
    all.add(older);
    all.add(newer);
    assert.equal(all.delete(older), true);
    assert.equal(all.of(socketAt()), newer);
  });
});
