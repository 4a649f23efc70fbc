import { callerErrors } from '../core/errors';
import type { OptionStore } from '../options/option-store';
import type { Layer } from '../options/read';
import { type ServerOptions, serverOptions } from '../options/server';

/** Rejects a change of an option that is fixed when the server is made. @throws SocketError `ERR_STATE` */
export function rejectFixed(id: number, before: OptionStore<typeof serverOptions>, options: ServerOptions, given: Layer): void {
  const held = before.values;
  for (const [name, field] of Object.entries(serverOptions)) {
    const option = name as keyof ServerOptions;
    if ('fixed' in field && given[name] !== undefined && options[option] !== held[option]) throw callerErrors.fixed(name, id);
  }
}
