/** Where a client or a server is in its life. `waiting` is the time between two tries of a client. */
export type State = 'idle' | 'opening' | 'open' | 'waiting' | 'closing' | 'cleared';

/** What can happen to it. `lost` is every end or failure that neither stop nor clear asked for. */
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
 * The state that follows, or `undefined` where the input is refused (a command) or late (a socket's event).
 *
 * @param reconnects whether a connection that is lost is made again; only clients do.
 */
export function next(state: State, input: Input, reconnects = false): State | undefined {
  const following = table[state][input];
  return input === 'lost' && following === 'idle' && reconnects ? 'waiting' : following;
}

/** The state in the plugin's words. Between two tries a client is still at it, so that is `connecting` too. */
export const readyStates: { readonly [S in State]: ReadyState } = {
  idle: 'closed',
  opening: 'connecting',
  open: 'open',
  waiting: 'connecting',
  closing: 'closing',
  cleared: 'closed',
};
export type ReadyState = 'connecting' | 'open' | 'closing' | 'closed';
