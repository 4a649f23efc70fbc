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
    super(sentence, more);
    this.option = option;
    // Node-RED shows String(error) to Catch nodes and in the sidebar: without a name that is the sentence alone.
    this.name = '';
  }
}

export const optionError = (sentence: string, cause?: unknown, option?: string) =>
  new SocketError('ERR_OPTION', sentence, { cause, option });

/** The sentence for every refusal that is not about an option; those are made in `options/read.ts`. */
export const refusals = {
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

/** The text of anything that can be thrown. Node gives failures on two address families an error without a message. */
export function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && !cause.message && cause.errors.length > 0) return cause.errors.map(messageOf).join('; ');
  // A message is a text by custom only.
  if (cause instanceof Error) return (typeof cause.message === 'string' && cause.message.trim()) || codeOf(cause) || cause.constructor.name;
  return show(cause);
}

/** The `code` of an error as Node has it (`ECONNREFUSED`), the first one's where several were tried; else `''`. */
export function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** A value as a sentence shows it: its text and its type, short, and never a key or a password. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    if (value.includes('-----BEGIN')) return 'a PEM text';
    const text = hidePassword(value);
    return `the text ${JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)}`;
  }
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A URL with its password, where it has one, shown as `***`. Works on texts that are no valid URL too, or lack the scheme. */
export function hidePassword(url: string): string {
  // An unescaped / ? or # in the password makes the URL unreadable: then nobody can tell where the password ends.
  const password = isUrl(url)
    ? /^(\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*[^/\\?#:]*):[^/\\?#]*@/i
    : /^(\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*[^/\\?#:]*):[\s\S]*@/i;
  return url.replace(password, '$1:***@');
}

/** `URL.canParse`, which the browsers of some editors lack. */
function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
