import assert from 'node:assert/strict';
import { opcodes } from '../helpers/frames';
import { agreed, type BadEnd, closes, endsBadly, heldByAFlow, roles, stillServes } from './peer-pair';

const valid: Record<string, string> = {
  'two bytes a character': 'Grüße',
  'three bytes a character': '世界',
  'four bytes a character': '🎉🎊',
  'all lengths': 'aé世🎉',
  'the first and last of each length': '\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}',
  'the neighbours of the surrogates': '\ud7ff\ue000',
  'characters that are none': '\ufffe\uffff\ufdd0',
  'the replacement character': '\ufffd',
  'a byte order mark': '\ufeffmarked',
};

const invalid: Record<string, string> = {
  'a byte that never occurs': 'ff',
  'another byte that never occurs': 'fe',
  'a continuation byte alone': '80',
  'a Latin 1 text': 'e9',
  'two bytes for one ("/")': 'c0af',
  'two bytes for one (NUL)': 'c080',
  'three bytes for one': 'e080af',
  'three bytes for two': 'e09fbf',
  'four bytes for one': 'f08080af',
  'four bytes for three': 'f08fbfbf',
  'five bytes': 'f888808080',
  'six bytes': 'fc8480808080',
  'the first surrogate': 'eda080',
  'the last surrogate': 'edbfbf',
  'a pair of surrogates': 'eda081edb080',
  'U+110000': 'f4908080',
  'more than U+110000': 'f5808080',
  'a start without its continuation (two)': 'c328',
  'a start without its continuation (three)': 'e28228',
  'a start without its continuation (four)': 'f09f8e28',
};

const truncated: Record<string, string> = {
  'after one byte of two': 'c3',
  'after one byte of three': 'e4',
  'after two bytes of three': 'e4b8',
  'after one byte of four': 'f0',
  'after two bytes of four': 'f09f',
  'after three bytes of four': 'f09f8e',
};

const notUtf8: BadEnd = { code: 1007, reason: 'Invalid frame payload data: not UTF-8' };
const show = (bytes: Buffer) => bytes.toString('hex').replace(/..(?=.)/g, '$& ');

describe('texts are UTF-8 (RFC 6455, section 8.1)', () => {
  heldByAFlow();

  for (const role of roles) {
    describe(`a ${role.name} reads, wherever fragments cut it,`, () => {
      for (const [what, text] of Object.entries(valid)) {
        it(what, async () => {
          const { peer, event } = await role.meet();
          const bytes = Buffer.from(text);
          for (let cut = 0; cut <= bytes.length; cut++) {
            peer.send(
              { opcode: opcodes.text, fin: false, payload: bytes.subarray(0, cut) },
              { opcode: opcodes.ping },
              { opcode: opcodes.continuation, payload: bytes.subarray(cut) },
            );
            const { str, binary, wireSize } = await event('Message');
            assert.deepEqual({ str, binary, wireSize }, { str: text, binary: false, wireSize: bytes.length });
            assert.equal((await peer.frame('a pong')).opcode, opcodes.pong);
          }
          await closes({ peer, event });
        });
      }
    });

    describe(`a ${role.name} refuses, with 1007 and wherever fragments cut it,`, () => {
      const refuses = async (bytes: Buffer) => {
        for (let cut = 0; cut <= bytes.length; cut++) {
          const pair = await role.meet();
          pair.peer.send(
            { opcode: opcodes.text, fin: false, payload: bytes.subarray(0, cut) },
            { opcode: opcodes.continuation, payload: bytes.subarray(cut) },
          );
          await endsBadly(pair, notUtf8);
        }
        const pair = await role.meet();
        pair.peer.send({ opcode: opcodes.text, payload: bytes });
        await endsBadly(pair, notUtf8);
        await stillServes(role);
      };
      for (const [what, hex] of Object.entries(invalid)) {
        const bytes = Buffer.from(hex, 'hex');
        it(`${what}: ${show(bytes)}`, () => refuses(Buffer.concat([Buffer.from('κ'), bytes, Buffer.from('z')])));
      }
      for (const [what, hex] of Object.entries(truncated)) {
        const bytes = Buffer.from(hex, 'hex');
        it(`a text that ends ${what}: ${show(bytes)}`, () => refuses(Buffer.concat([Buffer.from('κ'), bytes])));
      }
    });

    it(`a ${role.name} reads bytes that are no text as a binary message, and in a ping`, async () => {
      const { peer, event } = await role.meet();
      for (const hex of [...Object.values(invalid), ...Object.values(truncated)]) {
        const bytes = Buffer.from(hex, 'hex');
        peer.send({ opcode: opcodes.binary, payload: bytes }, { opcode: opcodes.ping, payload: bytes });
        const { str, binary } = await event('Message');
        assert.deepEqual({ str, binary }, { str: bytes, binary: true });
        assert.ok((await peer.frame('a pong')).payload.equals(bytes));
      }
      await closes({ peer, event });
    });

    it(`a ${role.name} refuses a compressed text that is not UTF-8 as such, and not as one that cannot be decompressed`, async () => {
      const pair = await role.meet(agreed(role));
      // One stored block (RFC 7692, section 7.2.3.3) with the two bytes c3 28.
      pair.peer.send({ opcode: opcodes.text, rsv: 4, payload: Buffer.from('000200fdffc32800', 'hex') });
      await endsBadly(pair, notUtf8);
      await stillServes(role);
    });

    it(`a ${role.name} writes a lone surrogate of JavaScript as the replacement character`, async () => {
      const { peer, event, send } = await role.meet();
      const { payloadSize, wireSize } = await send('a\ud800b');
      const { payload } = await peer.frame();
      assert.equal(payload.toString(), 'a\ufffdb');
      assert.deepEqual({ payloadSize, wireSize }, { payloadSize: 5, wireSize: 5 });
      await closes({ peer, event });
    });
  }
});
