import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import * as ws from 'ws';
import { stopAtError } from '../../../src/wire/ws-internals';
import { frame, opcodes } from '../../helpers/frames';
import { within } from '../../helpers/queue';

interface Deflate {
  accept(offers: object[]): object;
}
// Exported by ws; @types/ws leaves them out.
const { Receiver, PerMessageDeflate } = ws as unknown as {
  Receiver: new (options: object) => NodeJS.WritableStream;
  PerMessageDeflate: new (options: object) => Deflate;
};

const masked = true;

describe('after an error', () => {
  for (const [what, wrong] of [
    ['a close frame with the code 1', frame(opcodes.close, Buffer.from([0, 1]), { masked })],
    ['a text that is not UTF-8', frame(opcodes.text, Buffer.from([0xff]), { masked })],
    ['a frame with a reserved opcode', frame(3, '', { masked })],
  ] as const) {
    it(`in ${what} nothing is read of what came while a message was being inflated`, async () => {
      const deflate = new PerMessageDeflate({ isServer: true });
      deflate.accept([{}]);
      const receiver = new Receiver({ isServer: true, extensions: { 'permessage-deflate': deflate } });
      stopAtError({ _receiver: receiver } as never);
      const messages: number[] = [];
      receiver.on('message', (data: Buffer) => messages.push(data.length));
      const failed = within(once(receiver, 'error'), 'the error');
      const deflated = deflateRawSync(Buffer.alloc(100_000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
      for (const bytes of [frame(opcodes.text, deflated, { masked, rsv: 4 }), wrong, frame(opcodes.text, 'hello', { masked })])
        receiver.write(bytes);
      await failed;
      await new Promise(setImmediate);
      assert.deepEqual(messages, [100_000]);
    });
  }
});
