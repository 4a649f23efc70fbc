import { optionError } from '../core/errors';
import { type Description, readDescription } from './description/read';
import { type Codec, type CodecOptions, loadFormat } from './formats';
import type { Expressions } from './value';

/** A protocol that was read and compiled. All connections of a socket share it. */
export interface Protocol extends Description {
  /** Resolves with a function that creates the codec of a connection. Loads the format's library at the first call. */
  readonly codecs: () => Promise<(options: CodecOptions) => Codec>;
}

/**
 * Reads and compiles the description of a protocol.
 *
 * @param expressions absent for a description from a message: there, every value is a literal.
 * @throws SocketError `ERR_OPTION`, which names the place, for example `onOpen[1].wait`.
 */
export function compileProtocol(description: unknown, expressions?: Expressions): Protocol {
  const read = readDescription(description, expressions);
  return { ...read, codecs: () => loadFormat(read.format) };
}

/** @throws SocketError `ERR_OPTION` for the first secret that a protocol needs and that is not given. */
export function checkSecrets({ needed }: Protocol, secrets: Readonly<Record<string, string>>): void {
  for (const [name, place] of needed) {
    if (Object.hasOwn(secrets, name)) continue;
    throw optionError(`The option secrets.${name} must be given: protocol.${place} uses it.`, undefined, 'secrets');
  }
}
