import { fields, type Values } from './field';
import { maxTimerSecs } from './shared';

/** The options of a 4D bridge (contract-2, section 18). */
export const bridgeOptions = fields({
  path: {
    kind: 'path',
    label: 'Path',
    help: 'Path of the commands on the port of Node-RED, below httpNodeRoot.',
    default: '/ix',
    section: 'connection',
    added: true,
  },
  token: {
    kind: 'text',
    label: 'Token',
    help: 'Every call must send it as Authorization: Bearer. Without a token every call is refused. Stored as a credential.',
    section: 'connection',
    credential: 'password',
    added: true,
  },
  hosts: {
    kind: 'text',
    label: 'Hosts',
    help: 'Hosts that a URL in a call may name, separated by commas, e.g. plc.example.com, 10.0.0.7:8080. Empty: none.',
    default: '',
    section: 'connection',
    added: true,
  },
  reach: {
    kind: 'names',
    label: 'Clients and servers',
    help: 'Config nodes that calls may use by their name in the editor, as a list of their ids. Empty: none.',
    section: 'connection',
    added: true,
  },
  maxBody: {
    kind: 'number',
    label: 'Max. body',
    help: 'Maximum size of the body of a call, also after decompression. A larger one is refused with 413.',
    unit: 'bytes',
    default: 5242880,
    min: 1,
    max: 1073741824,
    integer: true,
    section: 'limits',
    added: true,
  },
  maxSockets: {
    kind: 'number',
    label: 'Max. sockets',
    help: 'Maximum number of clients and servers that calls may have created, over all owners.',
    default: 100,
    min: 0,
    max: 100000,
    integer: true,
    section: 'limits',
    added: true,
  },
  leaseSecs: {
    kind: 'number',
    label: 'Lease',
    help: 'Clear the sockets of an owner that has neither called nor polled for this time. 0 never clears them.',
    unit: 's',
    default: 120,
    min: 0,
    max: maxTimerSecs,
    section: 'limits',
    added: true,
  },
});
export type BridgeSettings = Values<typeof bridgeOptions>;
