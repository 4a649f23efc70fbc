import { fields } from './field';
import { maxTimerSecs } from './shared';

const limitField = { kind: 'number', min: 0, max: 2147483647, integer: true, section: 'limits', added: true } as const;

/** Per-connection limits of a server. The plugin has no such limits. */
export const trafficOptions = fields({
  maxMessagesPerSecond: {
    ...limitField,
    label: 'Messages per second',
    help: 'From one connection; so many may come at once. Fragments and pings count too, and pongs that nobody asked for. One that sends more is closed with 1008. Empty or 0 is no limit.',
    defaultText: 'off',
  },
  maxBytesPerSecond: {
    ...limitField,
    label: 'Bytes per second',
    help: 'From one connection, as its messages are after decompression; no message can be larger. One that sends more is closed with 1008. Empty or 0 is no limit.',
    defaultText: 'off',
    unit: 'bytes',
  },
  idleTimeoutSecs: {
    kind: 'number',
    label: 'Idle timeout',
    help: 'A connection from which nothing comes for so long, not even a pong, is closed with 1001. Empty or 0 waits for ever.',
    defaultText: 'off',
    unit: 's',
    min: 0,
    max: maxTimerSecs,
    section: 'limits',
    added: true,
  },
  maxFragments: {
    ...limitField,
    label: 'Most fragments',
    help: 'A message in more fragments closes the connection with 1008. 0 is no limit.',
    default: 16384,
    rare: true,
  },
});
