/** The states of a client or a server. `waiting` is the time between two attempts. */
export type State = 'idle' | 'opening' | 'open' | 'waiting' | 'closing' | 'cleared';

/** The inputs of the state machine. `lost` is every end or failure that neither stop nor clear caused. */
export type Input = 'start' | 'opened' | 'lost' | 'retry' | 'stop' | 'closed' | 'clear';

const table: { readonly [S in State]: { readonly [I in Input]?: State } } = {
  idle: { start: 'opening', stop: 'idle', clear: 'cleared' },
  opening: { opened: 'open', lost: 'idle', stop: 'closing', clear: 'cleared' },
  open: { lost: 'idle', stop: 'closing', clear: 'cleared' },
  waiting: { retry: 'opening', stop: 'idle', clear: 'cleared' },
  closing: { lost: 'closing', stop: 'closing', closed: 'idle', clear: 'cleared' },
  cleared: { clear: 'cleared' },
};

/**
 * Returns the next state. Returns `undefined` if a command is not allowed or an event of a socket is late.
 *
 * @param reconnects true if a lost connection is made again, or a failed automatic start of a server is repeated.
 */
export function next(state: State, input: Input, reconnects = false): State | undefined {
  const following = table[state][input];
  return input === 'lost' && following === 'idle' && reconnects ? 'waiting' : following;
}

/** The states in the plugin's terms. `waiting` is `connecting` too, because the client will try again. */
export const readyStates: { readonly [S in State]: ReadyState } = {
  idle: 'closed',
  opening: 'connecting',
  open: 'open',
  waiting: 'connecting',
  closing: 'closing',
  cleared: 'closed',
};
export type ReadyState = 'connecting' | 'open' | 'closing' | 'closed';
