import { fields } from './field';
import { maxTimerSecs } from './shared';

const limitField = { kind: 'number', min: 0, max: 2147483647, integer: true, section: 'limits', added: true } as const;

/** Per-connection limits. The plugin has no such limits. */
export const trafficOptions = fields({
  maxMessagesPerSecond: {
    ...limitField,
    label: 'Messages per second',
    icon: 'tachometer',
    help: 'Message rate limit per connection, with bursts up to the same number. Fragments, pings and unsolicited pongs count too. More closes the connection with 1008. Empty or 0 means no limit.',
    defaultText: 'off',
  },
  maxBytesPerSecond: {
    ...limitField,
    label: 'Bytes per second',
    icon: 'tachometer',
    help: 'Data rate limit per connection, measured after decompression. It also limits the size of a message. More closes the connection with 1008. Empty or 0 means no limit.',
    defaultText: 'off',
    unit: 'bytes',
  },
  idleTimeoutSecs: {
    kind: 'number',
    label: 'Idle timeout',
    icon: 'moon-o',
    help: 'Close a connection with 1001 if nothing, not even a pong, is received for this long. Empty or 0: never.',
    defaultText: 'off',
    unit: 's',
    min: 0,
    max: maxTimerSecs,
    section: 'limits',
    added: true,
  },
  maxFragments: {
    ...limitField,
    label: 'Max. fragments',
    icon: 'puzzle-piece',
    help: 'A message in more fragments closes the connection with 1008. A peer that sends 4 MiB in fragments of 64 bytes needs 65536. 0 means no limit.',
    default: 16384,
    rare: true,
  },
});

/** The limits that clients have too. */
export const { idleTimeoutSecs, maxFragments } = trafficOptions;
