import type { Node } from '@node-red/registry';
import type { KeptMessage, Log, ServerSocket } from '../../src/index';
import { leave, takeUp } from './hook/handover';

/** Leaves the kept messages of a server to the next server of the node. They end with Node-RED, which needs no report. */
export const leaveLastValues = ({ id }: Node, { lastValues }: ServerSocket, log: Log): void =>
  leave(id, lastValues.takeAll(), () => {}, log);

/** Gives a server the messages that the last server of the node has kept. */
export const takeLastValues = ({ id }: Node, { lastValues }: ServerSocket): void => lastValues.adopt(takeUp<KeptMessage>(id));
