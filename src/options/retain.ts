import { fields } from './field';
import { maxTimerSecs } from './shared';

const count = { kind: 'number', min: 0, max: 2147483647, integer: true, section: 'delivery', added: true } as const;

/** The options of the messages that a server keeps for connections that come later (contract-2, section 16). */
export const retainOptions = fields({
  maxRetained: {
    ...count,
    label: 'Max. retained messages',
    icon: 'thumb-tack',
    help: 'How many messages sent with retain are kept for connections that come later. Above it, a message is sent and not kept. 0: none.',
    default: 1000,
  },
  maxRetainedBytes: {
    ...count,
    label: 'Max. retained bytes',
    icon: 'database',
    help: 'The most bytes of all kept messages. A connection that joins gets its part at once.',
    unit: 'bytes',
    default: 16777216,
    rare: true,
  },
  retainSecs: {
    kind: 'number',
    label: 'Retain for',
    icon: 'hourglass-end',
    help: 'A kept message that is older than this is removed. Empty or 0: never.',
    defaultText: 'off',
    unit: 's',
    min: 0,
    max: maxTimerSecs,
    section: 'delivery',
    added: true,
  },
  history: {
    ...count,
    label: 'History',
    icon: 'history',
    help: 'How many messages of each key are kept. They are sent in their order.',
    default: 1,
    min: 1,
  },
});
