import { clientClear, clientCreate, clientSend, clientStart, clientStop } from './client';
import { serverConnections, serverDisconnect, serverTag } from './connections';
import { getMethod, setMethod } from './method';
import { reply } from './reply';
import { clientRequest, serverRequest } from './request';
import { serverClear, serverCreate, serverSend, serverStart, serverStop } from './server';

/** The plugin's twelve commands and six added ones, by node type. */
export const commands = {
  'client-create': clientCreate,
  'client-start': clientStart,
  'client-stop': clientStop,
  'client-send': clientSend,
  'client-request': clientRequest,
  'client-clear': clientClear,
  'server-create': serverCreate,
  'server-start': serverStart,
  'server-stop': serverStop,
  'server-send': serverSend,
  'server-request': serverRequest,
  'server-tag': serverTag,
  'server-disconnect': serverDisconnect,
  'server-connections': serverConnections,
  'server-clear': serverClear,
  reply,
  'set-method': setMethod,
  'get-method': getMethod,
} as const;
export type CommandName = keyof typeof commands;
