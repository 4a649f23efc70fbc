import { fields } from '../options/field';
import { longestSecs } from '../options/shared';

/** What belongs to one command only: nothing of it stays with the socket. */
export const stopFields = fields({
  code: {
    kind: 'closeCode',
    label: 'Close code',
    help: 'Sent to the peer: 1000 to 1003, 1007 to 1014, or 3000 to 4999.',
    default: 1000,
  },
  reason: {
    kind: 'closeReason',
    label: 'Close reason',
    help: 'Sent to the peer: at most 123 bytes in UTF-8.',
    default: 'Normal closure',
  },
});

export const startFields = fields({
  timeout: {
    kind: 'number',
    label: 'Timeout',
    help: 'The deadline of this start, over name, TCP, TLS and HTTP.',
    unit: 's',
    default: 30,
    min: 0,
    above: true,
    max: longestSecs,
  },
});

export const receiverFields = fields({
  uri: {
    kind: 'names',
    label: 'URI',
    help: 'Send to the connections with this request target, or one of these, exactly as received. Absent, empty text or empty list: everyone.',
  },
  client: {
    kind: 'names',
    label: 'Connection',
    help: 'Send to exactly this connection, or these, by the name that events give. Goes before uri.',
    added: true,
  },
});

export const methodFields = fields({
  method: { kind: 'text', label: 'Method', help: 'The name of the method; empty text for none.' },
});
