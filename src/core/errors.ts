import { oneLine, printable, quoted } from './text';

/**
 * What a flow can ask wrongly. The codes are part of the contract with flows: they are
 * tested for in function nodes, so a released one keeps its meaning.
 */
export type ErrorCode = 'ERR_NO_SOCKET' | 'ERR_OPTION' | 'ERR_STATE' | 'ERR_INTERNAL';

/** A refusal: the flow asked wrongly, and nothing was changed. The message is a whole sentence. */
export class SocketError extends Error {
  /** Which option is to blame, where one is. */
  readonly option: string | undefined;

  constructor(
    readonly code: ErrorCode,
    sentence: string,
    { option, ...more }: { cause?: unknown; option?: string | undefined } = {},
  ) {
    // A sentence may hold texts of others. Whoever forgot to quote one must not let it control a terminal.
    super(oneLine(sentence), more);
    this.option = option;
    // Node-RED shows String(error) to Catch nodes and in the sidebar: without a name that is the sentence alone.
    this.name = '';
  }
}

export const optionError = (sentence: string, cause?: unknown, option?: string) =>
  new SocketError('ERR_OPTION', sentence, { cause, option });

/** The sentence for every refusal that is not about an option; those are made in `options/read.ts`. */
export const callerErrors = {
  noneNamed: (side: string) =>
    new SocketError(
      'ERR_NO_SOCKET',
      `No ${side} is named: give its number in msg.payload.id or msg.socket, or choose a ${side} in the node.`,
    ),
  unknownId: (side: string, id: unknown) =>
    new SocketError('ERR_NO_SOCKET', `There is no ${side} with the id ${show(id)}: it was never made, or it has been cleared.`),
  cleared: (side: string) =>
    new SocketError('ERR_NO_SOCKET', `The ${side} that this node names has been cleared: deploy its configuration again.`),
  missingConfig: (side: string) =>
    new SocketError('ERR_NO_SOCKET', `The ${side} that this node names does not exist or is disabled: choose another in the node.`),
  running: (side: string, id: number, state: string) =>
    new SocketError('ERR_STATE', `The ${side} ${id} is already started (${state}): stop it before starting it again.`),
  fixed: (option: string, id: number) =>
    new SocketError(
      'ERR_STATE',
      `The option ${option} of server ${id} is fixed when the server is made: clear it and make another to change ${option}.`,
    ),
  internal: (cause: unknown) =>
    new SocketError('ERR_INTERNAL', `The command failed for a reason it did not foresee: ${messageOf(cause)}.`, { cause }),
};

/** Returns a refusal as it is, and anything else that was thrown as `ERR_INTERNAL`. Never throws: a proxy object may throw in `instanceof`. */
export function refusalOf(cause: unknown): SocketError {
  try {
    if (cause instanceof SocketError) return cause;
  } catch {
    // It is not one.
  }
  return callerErrors.internal(cause);
}

/**
 * Returns the text of anything that can be thrown: on one line, shortened, and without the secrets of URLs. Never throws, whatever the
 * properties of the thrown thing do.
 */
export function messageOf(cause: unknown): string {
  try {
    if (cause instanceof SocketError) return cause.message;
    // Node gives failures on two address families an error without a message.
    const errors = cause instanceof AggregateError && !cause.message ? [...cause.errors.slice(0, maxErrors)] : [];
    return printable(errors.length > 0 ? errors.map(oneMessage).join('; ') : oneMessage(cause));
  } catch {
    return 'an error that cannot be read';
  }
}

/** A name has a handful of addresses. */
const maxErrors = 5;

function oneMessage(cause: unknown): string {
  if (!(cause instanceof Error)) return show(cause);
  const { message } = cause;
  // A message is a text only by custom.
  return (typeof message === 'string' && message.slice(0, 2000).trim()) || codeOf(cause) || String(cause.constructor.name);
}

/** Returns the `code` of an error as Node has it (`ECONNREFUSED`), the first one's where several were tried; else `''`. Never throws. */
export function codeOf(cause: unknown): string {
  try {
    const error = cause instanceof AggregateError && cause.errors.length > 0 ? cause.errors[0] : cause;
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
    return typeof code === 'string' && /^\w{1,80}$/.test(code) ? code : '';
  } catch {
    return '';
  }
}

/** Returns a value as a sentence shows it: its text and its type, short, and never a key or a password. Never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 8192).includes('-----BEGIN') ? 'a PEM text' : `the text ${quoted(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value);
  return typeof value === 'object' ? shownObject(value) : `a ${typeof value}`;
}

/** A proxy object may throw whatever it is asked. */
function shownObject(value: object): string {
  try {
    return Array.isArray(value) ? `a list of ${Number(value.length)}` : 'an object';
  } catch {
    return 'an object';
  }
}
