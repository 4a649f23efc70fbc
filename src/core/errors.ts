import { oneLine, printable, quoted } from './text';

/**
 * Codes of caller errors, with their meaning for help and documentation. They are part of the contract with flows. Function nodes test for
 * them, so a released code keeps its meaning.
 */
export const errorCodes = {
  ERR_NO_SOCKET: 'No client or server is selected, or the selected one does not exist.',
  ERR_OPTION: 'An option or field is missing or invalid, or a certificate, key or CA cannot be used.',
  ERR_STATE: 'Not possible in the current state: already started, or the option cannot be changed after creation.',
  ERR_INTERNAL: 'An internal error. Please report it.',
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** A caller error. The call changed nothing. The message is a complete sentence. */
export class SocketError extends Error {
  /** The option that caused the error, if there is one. */
  readonly option: string | undefined;
  /** The key of `briefs` for a status line, if that of the code says too little. */
  readonly brief: string | undefined;

  constructor(
    readonly code: ErrorCode,
    sentence: string,
    { option, brief, ...more }: { cause?: unknown; option?: string | undefined; brief?: string | undefined } = {},
  ) {
    // A sentence may contain text from outside. Unquoted text must not control a terminal, so it is escaped here.
    super(oneLine(sentence), more);
    this.option = option;
    this.brief = brief;
    // Node-RED shows String(error) to Catch nodes and in the sidebar. Without a name, that is the sentence alone.
    this.name = '';
  }
}

export const optionError = (sentence: string, cause?: unknown, option?: string) =>
  new SocketError('ERR_OPTION', sentence, { cause, option });

/** The sentences of all caller errors that are not about an option. Those about options are in `options/read.ts`. */
export const callerErrors = {
  noneNamed: (side: string) =>
    new SocketError('ERR_NO_SOCKET', `No ${side} is selected. Choose one in the node, or set msg.payload.id or msg.socket.`),
  noneSelected: () => new SocketError('ERR_NO_SOCKET', 'No client or server is selected in this node. Select one of them.'),
  bothSelected: () => new SocketError('ERR_NO_SOCKET', 'A client and a server are selected in this node. Select only one of them.'),
  unknownId: (side: string, id: unknown) =>
    new SocketError(
      'ERR_NO_SOCKET',
      `There is no ${side} with the id ${typeof id === 'number' ? id : show(id)}. It was never created, or it has been cleared. Check the id.`,
    ),
  unknownName: (side: string, name: string) =>
    new SocketError(
      'ERR_NO_SOCKET',
      `The bridge may use no ${side} with the name ${quoted(name)}. Check the name and the list of the bridge.`,
    ),
  otherRun: (side: string) => new SocketError('ERR_NO_SOCKET', `The ${side} is gone: Node-RED has started again since. Create it again.`),
  cleared: (side: string) =>
    new SocketError('ERR_NO_SOCKET', `The ${side} selected in this node has been cleared. Deploy its configuration node again.`),
  missingConfig: (side: string) =>
    new SocketError('ERR_NO_SOCKET', `The ${side} selected in this node does not exist or is disabled. Select another one.`),
  running: (side: string, id: number, state: string) =>
    new SocketError('ERR_STATE', `The ${side} ${id} is already started (${state}). Stop it before you start it again.`),
  fixed: (option: string, id: number) =>
    new SocketError(
      'ERR_STATE',
      `The option ${option} of server ${id} cannot be changed after creation. Clear the server and create a new one.`,
    ),
  nothingToSend: (value: null | undefined) =>
    new SocketError(
      'ERR_OPTION',
      `There is nothing to send: the message is ${value}. Set it to a string, a Buffer or a value that JSON can hold.`,
      { option: 'message', brief: 'nothing' },
    ),
  internal: (cause: unknown) =>
    new SocketError('ERR_INTERNAL', `The command failed with an internal error: ${messageOf(cause)}. Please report it.`, { cause }),
};

/**
 * Returns a SocketError unchanged, and any other thrown value as `ERR_INTERNAL`. Never throws, although `instanceof` may throw for a Proxy.
 */
export function refusalOf(cause: unknown): SocketError {
  try {
    if (cause instanceof SocketError) return cause;
  } catch {
    // Not a SocketError.
  }
  return callerErrors.internal(cause);
}

/**
 * Returns the text of any thrown value: on one line, shortened, and without the secrets of URLs. Never throws, even if the properties of
 * the value throw.
 */
export function messageOf(cause: unknown): string {
  try {
    if (cause instanceof SocketError) return cause.message;
    // Node's error for a failure on two address families has no message.
    const errors = isError(cause) && !cause.message && Array.isArray(cause.errors) ? [...cause.errors.slice(0, maxErrors)] : [];
    return printable(errors.length > 0 ? errors.map(oneMessage).join('; ') : oneMessage(cause));
  } catch {
    return 'an error that cannot be read';
  }
}

/** The maximum number of errors that are listed. A name has few addresses. */
const maxErrors = 5;

/** Returns whether a value is an error of any realm: a Function node has a realm of its own, where `instanceof` fails. */
const isError = (value: unknown): value is Error & { readonly errors?: unknown } =>
  Object.prototype.toString.call(value) === '[object Error]';

function oneMessage(cause: unknown): string {
  if (!isError(cause)) return ownMessage(cause) || show(cause);
  const { message } = cause;
  // A message is not necessarily a string.
  return (typeof message === 'string' && message.slice(0, 2000).trim()) || codeOf(cause) || String(cause.constructor.name);
}

/** Returns the message of a thrown object that is not an Error, such as those of JSONata. */
function ownMessage(cause: unknown): string | undefined {
  const message = typeof cause === 'object' && cause !== null && 'message' in cause ? cause.message : undefined;
  return typeof message === 'string' ? message.slice(0, 2000).trim() : undefined;
}

/**
 * Returns Node's `code` of an error (`ECONNREFUSED`). For several attempts, returns the code of the first; without a code, `''`. Never
 * throws.
 */
export function codeOf(cause: unknown): string {
  try {
    const error = isError(cause) && Array.isArray(cause.errors) && cause.errors.length > 0 ? cause.errors[0] : cause;
    const code = isError(error) ? (error as NodeJS.ErrnoException).code : undefined;
    return typeof code === 'string' && /^\w{1,80}$/.test(code) ? code : '';
  } catch {
    return '';
  }
}

/** Returns a value for an error sentence: its text and type, shortened. Keys and passwords are never shown. Never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 8192).includes('-----BEGIN') ? 'a PEM text' : `the string ${quoted(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value);
  return typeof value === 'object' ? shownObject(value) : `a ${typeof value}`;
}

/** Returns the text of an object. Any operation on a Proxy may throw. */
function shownObject(value: object): string {
  try {
    return Array.isArray(value) ? `a list of ${Number(value.length)}` : 'an object';
  } catch {
    return 'an object';
  }
}
