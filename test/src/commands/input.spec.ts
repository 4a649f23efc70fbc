import assert from 'node:assert/strict';
import { commands } from '../../../src/commands';
import type { Command } from '../../../src/commands/command';
import { entireMark, type Input, type PayloadIs, readFieldValues, readInput } from '../../../src/commands/input';
import { clientOptions } from '../../../src/options/client';
import { whichFields } from '../../../src/options/commands';
import { serverOptions } from '../../../src/options/server';

/** Every name that a command reads from a socket object. */
const names = [
  ...new Set([
    'id',
    'message',
    'str',
    ...Object.keys({ ...clientOptions, ...serverOptions, ...whichFields }),
    ...Object.values(commands).flatMap(({ fields }) => Object.keys(fields)),
  ]),
];
/** A payload as a peer may write it. */
const hostile = Object.fromEntries(names.map((name) => [name, `peer's ${name}`]));

const session = { type: 'ix', id: 'own' };

function input(
  command: Command,
  payload: unknown,
  origin: object = {},
  payloadIs: PayloadIs = 'auto',
  values?: Record<string, unknown>,
): Input {
  const into = { payload: {}, hasMessage: false, message: undefined, sender: undefined, session: undefined, target: undefined } as Input;
  readInput(into, command, payloadIs, origin, payload);
  if (values) readFieldValues(into, payloadIs, origin, payload, values);
  return into;
}
const send = (...args: [unknown, object?, PayloadIs?, Record<string, unknown>?]) => input(commands['server-send'], ...args);
const messageOf = ({ hasMessage, message, payload }: Input) => (hasMessage ? message : (payload.message ?? payload.str));

describe('what a command reads from a message', () => {
  describe('of a flow', () => {
    for (const [title, payload, message] of [
      ['text', 'hi', 'hi'],
      ['an object without message and str: itself', { temperature: 21 }, { temperature: 21 }],
      ['an object with nothing but id: itself', { id: 5 }, { id: 5 }],
      ['an object with message', { message: 'm', tag: 't' }, 'm'],
      ['an object with str', { str: 's' }, 's'],
      ['an empty object: itself', {}, {}],
      ['a list', [1], [1]],
      ['nothing', undefined, undefined],
    ] as const) {
      it(`auto: the message of ${title}`, () => assert.deepEqual(messageOf(send(payload)), message));
    }

    it('auto: an object with message is the socket object', () => {
      assert.deepEqual(send({ message: 'm', tag: 't', id: -2 }).payload, { message: 'm', tag: 't', id: -2 });
    });
    it('auto: an Error is not the socket object, although it has a message', () => {
      const error = new Error('x');
      assert.equal(messageOf(send(error)), error);
    });
    it('message: any value is the message, and nothing else is read', () => {
      const { payload, message } = send({ message: 'm', tag: 't', id: -2 }, {}, 'message');
      assert.deepEqual([payload, message], [{}, { message: 'm', tag: 't', id: -2 }]);
    });
    it('command: the payload is the socket object, and no message where it has none', () => {
      assert.deepEqual(
        [send({ tag: 't' }, {}, 'command').payload, messageOf(send({ tag: 't' }, {}, 'command'))],
        [{ tag: 't' }, undefined],
      );
    });
    it('command: also beside msg.details and msg._session', () => {
      assert.deepEqual(send({ message: 'm', tag: 't' }, { details: {}, _session: session }, 'command').payload, { message: 'm', tag: 't' });
    });
  });

  describe('of a peer, whose payload has every name', () => {
    for (const [name, command] of Object.entries(commands)) {
      it(`${name}: with msg.details nothing is read`, () => {
        const { payload, hasMessage, message, sender } = input(command, hostile, { details: { client: 'own', id: 5, tag: 'x' } });
        assert.deepEqual([payload, sender], [{}, 'own']);
        assert.deepEqual([hasMessage, message], 'sends' in command || 'asks' in command ? [true, hostile] : [false, undefined]);
      });

      it(`${name}: with msg._session it chooses no socket, connection or option`, () => {
        const { payload, sender } = input(command, hostile, { _session: session });
        assert.equal(sender, 'own');
        for (const name of ['id', 'method', ...Object.keys({ ...clientOptions, ...serverOptions, ...whichFields })]) {
          assert.ok(!(name in payload), `${name} was read`);
        }
      });

      it(`${name}: with msg._session it may name its own connection`, () => {
        const { payload, sender } = input(command, { ...hostile, client: 'own' }, { _session: session });
        assert.deepEqual([sender, payload.client ?? 'own'], ['own', 'own']);
      });
    }

    it('with msg._session an object with str is an echo', () => {
      assert.deepEqual(messageOf(send({ str: 'hi', client: 'other' }, { _session: session })), 'hi');
    });
    it('with msg._session an object with neither message nor str is the message', () => {
      assert.deepEqual(messageOf(send({ id: 5, tag: 't' }, { _session: session })), { id: 5, tag: 't' });
    });
    it('the sender is that of msg._session, whatever msg.details says', () => {
      assert.equal(send('x', { _session: session, details: { client: 'other' } }).sender, 'own');
      assert.equal(send('x', { _session: { type: 'ix' }, details: { client: 'other' } }).sender, undefined);
    });
    it('the session of a core node is none of ours', () => {
      assert.equal(send('x', { _session: { type: 'websocket', id: 'a' } }).session, undefined);
    });
    it('details that are a list of a batch still mark data', () => {
      assert.deepEqual(messageOf(send({ message: 'm' }, { details: [] })), { message: 'm' });
    });
  });

  describe('as a request', () => {
    const asked = (...args: [unknown, object?, PayloadIs?]) => input(commands['server-request'], ...args);
    const request = { method: 'm', params: [1], timeout: 2, requestId: 'r', many: true };

    it('of a flow: method, params and the rest', () => assert.deepEqual(asked(request).payload, request));
    it('made of an event: the same, without another socket or connection', () => {
      const { payload, hasMessage } = asked({ ...request, id: -2, client: 'other' }, { _session: session });
      assert.deepEqual([payload, hasMessage], [request, false]);
    });
    it('made of an event: its own connection', () => {
      assert.deepEqual(asked({ ...request, client: 'own' }, { _session: session }).payload, { ...request, client: 'own' });
    });
    for (const [title, origin] of [
      ['with msg.details', { details: { client: 'own' }, _session: session }],
      ['whose message is entirely its own', { _session: session, [entireMark]: true }],
    ] as const) {
      it(`of a peer ${title}: the payload is the message`, () => {
        const { payload, hasMessage, message } = asked(request, origin);
        assert.deepEqual([payload, hasMessage, message], [{}, true, request]);
      });
    }
  });

  describe('as the answer to a call', () => {
    const call = { id: 'c7', method: 'x', params: { n: 1 } };
    const details = { client: 'own', call };
    const answer = { call: structuredClone(call), result: 5 };

    for (const payloadIs of ['auto', 'message'] as const) {
      it(`${payloadIs}: beside msg.details, if it is the call of that message`, () => {
        assert.deepEqual(send(answer, { details }, payloadIs).payload, { ...answer, error: undefined });
      });
      for (const [title, payload] of [
        ['another call', { call: { ...call, id: 'c8' }, result: 5 }],
        ['no result and no error', { call }],
      ] as const) {
        it(`${payloadIs}: not with ${title}`, () => {
          const { payload: read, message } = send(payload, { details }, payloadIs);
          assert.deepEqual([read, message], [{}, payload]);
        });
      }
    }
    it('not beside details without a call', () => assert.deepEqual(send(answer, { details: { client: 'own' } }).payload, {}));
  });

  describe('from the fields of a node', () => {
    it('the message goes before the payload, which may then say whom to', () => {
      const into = send({ tag: 't' }, {}, 'auto', { message: 'f' });
      assert.deepEqual([messageOf(into), into.payload], ['f', { tag: 't' }]);
    });
    it('the payload of a peer says nothing beside the message', () => {
      for (const origin of [{ details: {} }, { _session: session }]) {
        assert.deepEqual(send({ tag: 't' }, origin, 'auto', { message: 'f' }).payload, {});
      }
    });
    it('a message that is undefined is nothing to send', () => {
      const into = send({ message: 'm' }, {}, 'auto', { message: undefined });
      assert.deepEqual([into.hasMessage, into.message], [true, undefined]);
    });
    it('others go before the payload, and say nothing where they are undefined', () => {
      const into = input(commands['server-disconnect'], { code: 1001, reason: 'p' }, {}, 'auto', {
        code: 4000,
        reason: undefined,
        target: 'x',
      });
      assert.deepEqual([into.payload, into.target], [{ code: 4000, reason: 'p' }, 'x']);
    });
  });
});
