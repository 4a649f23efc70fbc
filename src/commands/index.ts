import { clientClear, clientCreate, clientSend, clientStart, clientStop } from './client';
import { serverConnections, serverDisconnect, serverTag } from './connections';
import { getMethod, setMethod } from './method';
import { serverClear, serverCreate, serverSend, serverStart, serverStop } from './server';

/** The plugin's twelve commands and three added ones, by node type. */
export const commands = {
  'client-create': clientCreate,
  'client-start': clientStart,
  'client-stop': clientStop,
  'client-send': clientSend,
  'client-clear': clientClear,
  'server-create': serverCreate,
  'server-start': serverStart,
  'server-stop': serverStop,
  'server-send': serverSend,
  'server-tag': serverTag,
  'server-disconnect': serverDisconnect,
  'server-connections': serverConnections,
  'server-clear': serverClear,
  'set-method': setMethod,
  'get-method': getMethod,
} as const;
export type CommandName = keyof typeof commands;
