import { fields, type Values } from './field';

/** The options of a replay that a message may set too. */
export const replayOptions = fields({
  direction: {
    kind: 'choice',
    label: 'Messages',
    icon: 'exchange',
    help: 'Which messages of the recording are sent. Those that a server has received (in) are what a client has sent.',
    choices: {
      out: 'Those that were sent (out)',
      in: 'Those that were received (in)',
      both: 'All',
    },
    default: 'out',
    preset: true,
    added: true,
  },
  speed: {
    kind: 'number',
    label: 'Speed',
    icon: 'tachometer',
    help: '1 keeps the times of the recording, 2 plays it twice as fast; from 0.1 to 100. 0 sends each message as soon as the one before is sent.',
    default: 1,
    min: 0,
    max: 100,
    added: true,
  },
  loop: {
    kind: 'boolean',
    label: 'Loop',
    icon: 'repeat',
    help: 'Play the recording again and again, until a message stops it.',
    default: false,
    added: true,
  },
});
export type ReplayOptions = Values<typeof replayOptions>;

/** The sources of a recording in the node, in the order of precedence. */
export const recordingSources = fields({
  recording: {
    kind: 'json',
    label: 'Recording',
    icon: 'film',
    help: 'The recording to play, as JSON: {"ix-recording": 1, "frames": […]}. msg.payload.recording takes precedence.',
    formOnly: true,
    added: true,
  },
  file: {
    kind: 'text',
    label: 'File',
    icon: 'file-text-o',
    help: 'Path of a file with the recording, on the machine of Node-RED, at most 64 MiB. Read at each start, if neither the message nor the node has a recording.',
    formOnly: true,
    added: true,
  },
});
