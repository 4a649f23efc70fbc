import assert from 'node:assert/strict';
import { within } from '../helpers/flow';
import { closeBody, opcodes } from '../helpers/frames';
import { turn } from '../helpers/raw-peer';
import { type BadEnd, endsBadly, heldByAFlow, type PeerPair, roles, stillServes } from './peer-pair';

const sendable = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const forbidden = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];
const reasons: Record<string, string> = {
  'no reason': '',
  'a reason': 'going away',
  'a reason of 123 bytes': 'r'.repeat(123),
  'a reason of 123 bytes beyond ASCII': `${'é'.repeat(60)}世`,
};

/** Asserts that the next event is this Close, and the last one. */
async function closed({ event, isDrained, open }: PeerPair, { code, reason, remote = false }: BadEnd): Promise<void> {
  const { remoteIp, remotePort, client, uri } = open;
  assert.deepEqual(await event('Close'), { code, reason, remote, ...(client !== undefined && { remoteIp, remotePort, client, uri }) });
  await turn();
  assert.ok(isDrained(), 'nothing comes after the Close');
}

describe('closing (RFC 6455, sections 5.5.1 and 7)', () => {
  heldByAFlow();

  for (const role of roles) {
    describe(`a ${role.name} whose peer closes`, () => {
      for (const code of sendable) {
        it(`with ${code} echoes it, and its Close says so`, async () => {
          const pair = await role.meet();
          pair.peer.send({ opcode: opcodes.close, payload: closeBody(code, 'because') });
          assert.deepEqual(await pair.peer.closeFrame(), { code, reason: 'because' });
          await pair.peer.end();
          await closed(pair, { code, reason: 'because', remote: true });
        });
      }

      for (const code of forbidden) {
        it(`with ${code}, which may not be sent, answers 1002`, async () => {
          const pair = await role.meet();
          pair.peer.send({ opcode: opcodes.close, payload: closeBody(code, 'because') });
          await endsBadly(pair, { code: 1002, reason: `Invalid close code: ${code}`, remote: true });
          await stillServes(role);
        });
      }

      for (const [what, reason] of Object.entries(reasons)) {
        it(`with ${what} reports it`, async () => {
          const pair = await role.meet();
          pair.peer.send({ opcode: opcodes.close, payload: closeBody(1000, reason) });
          assert.deepEqual(await pair.peer.closeFrame(), { code: 1000, reason });
          await pair.peer.end();
          await closed(pair, { code: 1000, reason, remote: true });
        });
      }

      it('without a code answers so, and its Close is 1005', async () => {
        const pair = await role.meet();
        pair.peer.send({ opcode: opcodes.close });
        assert.deepEqual(await pair.peer.closeFrame(), { code: undefined, reason: '' });
        await pair.peer.end();
        await closed(pair, { code: 1005, reason: 'No status code', remote: true });
      });

      it('with half a code answers 1002', async () => {
        const pair = await role.meet();
        pair.peer.send({ opcode: opcodes.close, payload: Buffer.from([3]) });
        await endsBadly(pair, { code: 1002, reason: 'Control frame with invalid payload length: 1', remote: true });
        await stillServes(role);
      });

      for (const hex of ['ff', 'c328', 'eda080', 'c3', 'f09f8e']) {
        it(`with a reason that is not UTF-8 (${hex}) answers 1007`, async () => {
          const pair = await role.meet();
          pair.peer.send({ opcode: opcodes.close, payload: closeBody(1000, Buffer.from(hex, 'hex')) });
          await endsBadly(pair, { code: 1007, reason: 'Invalid frame payload data: not UTF-8', remote: true });
          await stillServes(role);
        });
      }

      it('masks its answer, or does not, as its role demands', async () => {
        const pair = await role.meet();
        pair.peer.send({ opcode: opcodes.close, payload: closeBody(1000) });
        const { masked, fin, rsv } = await pair.peer.frame('a close frame');
        assert.deepEqual({ masked, fin, rsv }, { masked: pair.masks, fin: true, rsv: 0 });
        await pair.peer.end();
        await closed(pair, { code: 1000, reason: '', remote: true });
      });

      it('ignores whatever comes after the close frame', async () => {
        const pair = await role.meet();
        pair.peer.send(
          { opcode: opcodes.close, payload: closeBody(1001, 'the first') },
          { opcode: opcodes.text, payload: 'too late' },
          { opcode: opcodes.ping, payload: 'too late' },
          { opcode: opcodes.close, payload: closeBody(4000, 'the second') },
          { opcode: 3, rsv: 7, payload: 'and wrong' },
        );
        assert.deepEqual(await pair.peer.closeFrame(), { code: 1001, reason: 'the first' });
        await pair.peer.end();
        await closed(pair, { code: 1001, reason: 'the first', remote: true });
        assert.deepEqual([pair.peer.frames.isEmpty, pair.peer.remainder], [true, '']);
      });

      it('ignores what comes after it in another TCP segment', async () => {
        const pair = await role.meet();
        pair.peer.send({ opcode: opcodes.close, payload: closeBody(1001) });
        assert.equal((await pair.peer.closeFrame()).code, 1001);
        pair.peer.send({ opcode: opcodes.text, payload: 'too late' }, { opcode: 3, payload: 'and wrong' });
        await pair.peer.end();
        await closed(pair, { code: 1001, reason: '', remote: true });
      });

      it('reads a close frame that comes one byte at a time', async () => {
        const pair = await role.meet();
        const bytes = pair.peer.bytes({ opcode: opcodes.close, payload: closeBody(1000, 'slowly') });
        await pair.peer.pieces(bytes, [...bytes.keys()].slice(1));
        assert.deepEqual(await pair.peer.closeFrame(), { code: 1000, reason: 'slowly' });
        await pair.peer.end();
        await closed(pair, { code: 1000, reason: 'slowly', remote: true });
      });

      it('and then does not end TCP is cut off within a second, and keeps its close', async function () {
        this.retries(1); // A busy machine may stall for as long.
        const pair = await role.meet();
        pair.peer.send({ opcode: opcodes.close, payload: closeBody(1000, 'staying') });
        assert.equal((await pair.peer.closeFrame()).code, 1000);
        await within(closed(pair, { code: 1000, reason: 'staying', remote: true }), 'the Close', 1000);
      });
    });

    describe(`a ${role.name} whose peer goes without a close frame`, () => {
      const ways: Record<string, (pair: PeerPair) => void> = {
        'ends TCP': ({ peer }) => void peer.socket.end(),
        'resets TCP': ({ peer }) => void peer.socket.resetAndDestroy(),
        'ends TCP within a frame header': ({ peer }) =>
          void peer.socket.end(peer.bytes({ opcode: opcodes.text, payload: 'x' }).subarray(0, 1)),
        'ends TCP within a payload': ({ peer }) =>
          void peer.socket.end(peer.bytes({ opcode: opcodes.text, payload: 'half' }).subarray(0, -2)),
        'ends TCP within a message': ({ peer }) => void peer.socket.end(peer.bytes({ opcode: opcodes.text, fin: false, payload: 'half' })),
        'resets TCP within a message': ({ peer }) => {
          peer.send({ opcode: opcodes.text, fin: false, payload: 'half' });
          peer.socket.resetAndDestroy();
        },
        'ends TCP within a close frame': ({ peer }) =>
          void peer.socket.end(peer.bytes({ opcode: opcodes.close, payload: closeBody(1000) }).subarray(0, -1)),
      };
      for (const [how, go] of Object.entries(ways)) {
        it(`and ${how}: its Close is 1006, with no Error, and the next is served`, async () => {
          const pair = await role.meet();
          go(pair);
          await closed(pair, { code: 1006, reason: 'Abnormal closure' });
          await stillServes(role);
        });
      }
    });

    describe(`a ${role.name} that the flow stops`, () => {
      for (const code of sendable) {
        it(`with ${code} writes it, and its Close says so`, async () => {
          const pair = await role.meet();
          const stopped = pair.stop({ code, reason: 'enough' });
          assert.deepEqual(await pair.peer.agrees(), { code, reason: 'enough' });
          assert.equal((await stopped).success, true);
          await closed(pair, { code, reason: 'enough' });
        });
      }

      for (const code of [...forbidden, 1000.5, -1, 65536]) {
        it(`with ${code}, which may not be sent, is refused and stays open`, async () => {
          const pair = await role.meet();
          const { success, errorCode } = await pair.stop({ code });
          assert.deepEqual({ success, errorCode }, { success: false, errorCode: 'ERR_OPTION' });
          pair.peer.send({ opcode: opcodes.text, payload: 'still open' });
          assert.equal((await pair.event('Message')).str, 'still open');
        });
      }

      for (const [what, reason] of Object.entries(reasons)) {
        it(`with ${what} writes it`, async () => {
          const pair = await role.meet();
          const stopped = pair.stop({ code: 4000, reason });
          assert.deepEqual(await pair.peer.agrees(), { code: 4000, reason });
          await stopped;
          await closed(pair, { code: 4000, reason });
        });
      }

      for (const reason of ['r'.repeat(124), 'é'.repeat(62)]) {
        it(`with a reason of ${Buffer.byteLength(reason)} bytes in ${reason.length} characters is refused and stays open`, async () => {
          const pair = await role.meet();
          const { success, errorCode } = await pair.stop({ reason });
          assert.deepEqual({ success, errorCode }, { success: false, errorCode: 'ERR_OPTION' });
          pair.peer.send({ opcode: opcodes.text, payload: 'still open' });
          assert.equal((await pair.event('Message')).str, 'still open');
        });
      }

      it('without a code writes 1000, Normal closure', async () => {
        const pair = await role.meet();
        const stopped = pair.stop();
        assert.deepEqual(await pair.peer.agrees(), { code: 1000, reason: 'Normal closure' });
        await stopped;
        await closed(pair, { code: 1000, reason: 'Normal closure' });
      });

      const answers: Record<string, (pair: PeerPair) => void> = {
        'answers with another code': ({ peer }) => peer.send({ opcode: opcodes.close, payload: closeBody(4001, 'mine') }),
        'answers without a code': ({ peer }) => peer.send({ opcode: opcodes.close }),
        'answers with a code that may not be sent': ({ peer }) => peer.send({ opcode: opcodes.close, payload: closeBody(1005) }),
        'ends TCP instead': ({ peer }) => void peer.socket.end(),
        'resets TCP instead': ({ peer }) => void peer.socket.resetAndDestroy(),
      };
      for (const [how, answer] of Object.entries(answers)) {
        it(`and whose peer ${how}: its Close is the flow's`, async () => {
          const pair = await role.meet();
          const stopped = pair.stop({ code: 4000, reason: 'ours' });
          assert.equal((await pair.peer.closeFrame()).code, 4000);
          answer(pair);
          if (!how.includes('TCP')) await pair.peer.end();
          await stopped;
          // A violation is reported nevertheless, because it happened.
          if (how.includes('may not')) assert.equal((await pair.event('Error')).reason, 'Invalid close code: 1005');
          await closed(pair, { code: 4000, reason: 'ours' });
          await stillServes(role);
        });
      }

      it('receives the messages that the peer had sent before it answered', async () => {
        const pair = await role.meet();
        const stopped = pair.stop();
        await pair.peer.closeFrame();
        pair.peer.send({ opcode: opcodes.text, payload: 'one more' }, { opcode: opcodes.close, payload: closeBody(1000) });
        await pair.peer.end();
        assert.equal((await pair.event('Message')).str, 'one more');
        await stopped;
        await closed(pair, { code: 1000, reason: 'Normal closure' });
      });

      it('answers no ping after its close frame', async () => {
        const pair = await role.meet();
        const stopped = pair.stop();
        await pair.peer.closeFrame();
        pair.peer.send({ opcode: opcodes.ping, payload: 'late' }, { opcode: opcodes.close, payload: closeBody(1000) });
        await pair.peer.end();
        await stopped;
        assert.ok(pair.peer.frames.isEmpty);
        await closed(pair, { code: 1000, reason: 'Normal closure' });
      });

      it('and whose peer never answers has ended within a second, TCP included', async function () {
        this.retries(1); // A busy machine may stall for as long.
        const pair = await role.meet();
        await within(pair.stop(), 'the answer of stop', 1000);
        await closed(pair, { code: 1000, reason: 'Normal closure' });
        assert.equal((await pair.peer.closeFrame()).code, 1000);
        await within(pair.peer.ended, 'the end of TCP', 1000);
        await stillServes(role);
      });

      it('sends what the flow sent before', async () => {
        const pair = await role.meet();
        const sent = [1, 2, 3].map((number) => pair.send(`message ${number}`));
        const stopped = pair.stop();
        for (const number of [1, 2, 3]) assert.equal((await pair.peer.frame()).payload.toString(), `message ${number}`);
        await pair.peer.agrees();
        for (const status of await Promise.all(sent)) assert.equal(status.success, true);
        await stopped;
      });
    });

    it(`a ${role.name} and its peer that close at the same time: one Close, that of the frame which came first`, async () => {
      for (let turns = 0; turns < 12; turns++) {
        const pair = await role.meet();
        const stopped = pair.stop({ code: 4000, reason: 'ours' });
        for (let i = 0; i < turns; i++) await new Promise(setImmediate);
        pair.peer.send({ opcode: opcodes.close, payload: closeBody(4001, 'theirs') });
        const { code } = await pair.peer.closeFrame();
        await pair.peer.end();
        await stopped;
        await closed(pair, code === 4000 ? { code, reason: 'ours' } : { code: 4001, reason: 'theirs', remote: true });
      }
    });

    it(`a ${role.name} that the flow stops twice ends once, with the first code`, async () => {
      const pair = await role.meet();
      const first = pair.stop({ code: 4000, reason: 'first' });
      const second = pair.stop({ code: 4001, reason: 'second' });
      assert.deepEqual(await pair.peer.agrees(), { code: 4000, reason: 'first' });
      assert.deepEqual([(await first).success, (await second).success], [true, true]);
      await closed(pair, { code: 4000, reason: 'first' });
    });
  }
});
