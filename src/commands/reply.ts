import { optionError } from '../core/errors';
import { replyFields } from '../options/commands';
import type { Command } from './command';
import { ofPeerOnly } from './input';

export const reply: Command = {
  summary: 'Answers the question of a websocket server authorize or websocket client prepare node.',
  fields: replyFields,
  outputs: {
    success: 'boolean: true if the question was still open and the answer can be used',
    errorStr: 'text: on failure, what went wrong',
  },
  rejection: {},
  words: 'reply',
  added: true,
  run({ registry, ask, payload }, caller) {
    if (ask === undefined)
      throw optionError('The message has no ask. Send the message of the authorize or prepare node on.', undefined, 'ask');
    if (payload === ofPeerOnly) {
      const reason = 'msg.details or msg._session marks the payload as data of a peer. Remove both before websocket reply.';
      registry.decisions.answer(ask, { accept: false });
      throw optionError(`The question was answered with no: ${reason}`, undefined, 'payload');
    }
    const errorStr = registry.decisions.answer(ask, payload);
    caller.reply({ status: errorStr === undefined ? { success: true } : { success: false, errorStr } });
  },
};
