import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { within } from '../helpers/flow';
import { encodeFrame, type FrameSpec, opcodes } from '../helpers/frames';
import { Deflater, Inflater, repetitive } from './deflater';
import { agreed, closes, endsBadly, heldByAFlow, roles, stillServes } from './peer-pair';

describe('over TLS', () => {
  heldByAFlow({ overTls: true });

  for (const role of roles) {
    describe(`a ${role.name}`, () => {
      const masked = role.name === 'server';
      const hello: FrameSpec = { opcode: opcodes.text, payload: 'hello' };

      it('converses, and closes', () => stillServes(role));

      it('loses no bytes that come in one record with the handshake', async () => {
        const frames = Array.from({ length: 500 }, (_, at) => encodeFrame({ opcode: opcodes.text, payload: `${at}`, masked }));
        const pair = await role.meet({ with: Buffer.concat(frames) });
        for (let at = 0; at < 500; at++) assert.equal((await pair.event('Message')).str, `${at}`);
        await closes(pair);
      });

      it('reads frames that come one byte a record', async () => {
        const pair = await role.meet();
        const bytes = pair.peer.bytes(
          { opcode: opcodes.text, fin: false, payload: 'one ' },
          { opcode: opcodes.pong },
          { opcode: opcodes.continuation, payload: 'two' },
        );
        await pair.peer.pieces(bytes, [...bytes.keys()].slice(1));
        assert.equal((await pair.event('Message')).str, 'one two');
        await closes(pair);
      });

      it('counts compressed bytes exactly, both ways', async () => {
        const pair = await role.meet(agreed(role));
        const [deflater, inflater] = [new Deflater(), new Inflater()];
        for (const message of [repetitive(100_000), 'short', '', randomBytes(50_000), repetitive(100_000)]) {
          const payload = await deflater.message(message);
          pair.peer.send({ opcode: typeof message === 'string' ? opcodes.text : opcodes.binary, rsv: 4, payload });
          const { str, wireSize } = await pair.event('Message');
          assert.ok(Buffer.from(message as string).equals(Buffer.from(str)));
          assert.equal(wireSize, payload.length);
          const status = await pair.send(message);
          const frame = await pair.peer.frame();
          assert.equal(status.wireSize, frame.payload.length);
          const read = frame.rsv === 4 ? await inflater.message(frame.payload) : frame.payload;
          assert.ok(read.equals(Buffer.from(message as string)));
        }
        await closes(pair);
      });

      it('ends a violation as it does without', async () => {
        const pair = await role.meet();
        pair.peer.send(hello, { opcode: opcodes.text, rsv: 2 });
        assert.equal((await pair.event('Message')).str, 'hello');
        await endsBadly(pair, { code: 1002, reason: 'Reserved bit used' });
        await stillServes(role);
      });

      for (const [how, go] of [
        ['ends TLS', 'end'],
        ['drops TCP', 'destroy'],
      ] as const) {
        it(`reports 1006 for a peer that ${how} without a close frame, after all its messages`, async () => {
          const pair = await role.meet();
          pair.peer.send(hello);
          assert.equal((await pair.event('Message')).str, 'hello');
          pair.peer.socket[go]();
          const { code, reason, remote } = await pair.event('Close');
          assert.deepEqual({ code, reason, remote }, { code: 1006, reason: 'Abnormal closure', remote: false });
          await stillServes(role);
        });
      }

      it('stops within a second though the peer never answers its close', async function () {
        this.retries(1); // A busy machine may stall for as long.
        const pair = await role.meet();
        await within(pair.stop(), 'the answer of stop', 1000);
        assert.deepEqual(await pair.peer.closeFrame(), { code: 1000, reason: 'Normal closure' });
        assert.equal((await pair.event('Close')).code, 1000);
        await stillServes(role);
      });
    });
  }
});
