import type { Setting } from './settings';

/** The settings of the nodes that ask the flow. */
export const deciderFields = {
  askTimeoutSecs: {
    kind: 'number',
    label: 'Answer timeout',
    icon: 'clock-o',
    help: 'Time limit of the answer. After it, an upgrade is refused with 503, and an attempt of a client fails.',
    unit: 's',
    min: 0,
    above: true,
    max: 3600,
    default: 5,
  },
} as const;
export const prepareSettings = { ...deciderFields } as const satisfies Record<string, Setting>;
export const authorizeSettings = {
  ...deciderFields,
  showCredentials: {
    kind: 'boolean',
    label: 'Show credentials',
    icon: 'eye',
    help: 'Show Authorization, Cookie and tokens in the question. Otherwise they are ***.',
    initial: false,
  },
} as const satisfies Record<string, Setting>;
