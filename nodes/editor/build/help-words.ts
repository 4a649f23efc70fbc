/** The English words of the help's frame, and of what commands and events give. */

import { sharedOutputs } from '../../../src/commands/outputs';
import type { ClosePayload, ConnectionRef, ErrorPayload, MessagePayload, OpenPayload } from '../../../src/core/events';
import type { ConnectionInfo } from '../../../src/server/connection-info';
import { catalog } from '../../catalog';

export const helpWords = {
  headings: {
    properties: 'Properties',
    inputs: 'Inputs',
    outputs: 'Outputs',
    details: 'Details',
    references: 'References',
  },
  /** What the help calls the types of values: Node-RED's own words. */
  kinds: {
    string: 'string',
    number: 'number',
    boolean: 'boolean',
    object: 'object',
    array: 'array',
    buffer: 'buffer',
  },
  config: {
    default: 'Default: __value__.',
    fixed: 'Fixed when the server is made.',
    ownPort: 'Only on a port of its own.',
    environment:
      'Every field may hold <code>${NAME}</code>, instead of a value or inside a text: the environment variable of that name, read when it is used.',
    message: 'A property of <code>msg.payload</code> that has the name of an option wins over the field, from create and start on.',
    lifetime:
      'The socket lives as long as this node is deployed unchanged. A deploy that changes or deletes it clears the socket: peers are told 1012, <em>Service restart</em>, ' +
      'or 1001, <em>Going away</em>, where the node is deleted or disabled.',
  },
  inputs: {
    payload: "The plugin's socket object. A payload that is no object counts as an empty one.",
    message: 'The message: a text goes as a text frame, a Buffer as a binary frame, the JSON of anything else as a text frame.',
    bare: 'A payload that is no object is the message itself. <code>str</code> counts when <code>message</code> is absent, so that an event wired into this node is an echo.',
    name: 'The name of the method, or an object with the name in <code>method</code>.',
    nothing: 'Any message.',
    id: 'Which socket. Absent: the one that the node names, else <code>msg.socket</code>.',
    idOfCreate: 'Given, nothing is made: the answer tells about this socket.',
    options: 'Any option of the __config__ node: __names__.',
    socket: 'Which socket, where neither the payload nor the node names one.',
  },
  outputs: {
    payload: 'The answer.',
    socket: 'The id of the socket.',
    errorCode: 'When the flow asked wrongly: <code>ERR_OPTION</code>, <code>ERR_STATE</code> or <code>ERR_NO_SOCKET</code>.',
    details: 'With <em>data</em> and <em>JSON</em>: the event object.',
    event: 'Message, Open, Close or Error; <code>type</code> has its number, 0 to 3.',
    method: 'The method that is set.',
  },
  command: {
    failures:
      'A failure that is not the fault of the flow (refused, timed out, not connected) is an answer with <code>success: false</code> and a sentence in <code>errorStr</code>; ' +
      'tick <em>Raise failures</em> to have Catch nodes see it too. ' +
      'What the flow asked wrongly is answered in the same way, and always reported as an error.',
    others: 'The other properties of the message are passed on unchanged.',
    create: 'A socket that this node made is cleared when the node is deployed again or deleted.',
  },
  events: {
    all: 'With no socket chosen, the events of every socket of this side come out.',
    method: 'With a method in the node, events come out only while <em>set method</em> has set this name.',
    order: 'The events of one connection come in order, none twice and none lost.',
  },
  hook: {
    payload: 'The event, which 4D gets as its <code>message</code>. Wire an events node into this node.',
    type: 'Message 0, Open 1, Close 2, Error 3; without it, 0.',
    answer: 'What 4D answered: the value of JSON, else text.',
    status: 'The HTTP status, or 0.',
    statuses: 'The status of each action that was carried out.',
    details: 'The event; a list of them where a call may have several.',
    undelivered: 'The event, as it came.',
    errorStr: 'Why it was not delivered.',
    order:
      'Events of one connection reach 4D in order, one call at a time; the next waits until the one before was delivered or given up. ' +
      'After a 5xx, a timeout or a lost connection a call is made again; any other answer than 2xx is final.',
    actions:
      'An answer <code>{"actions": [{"do": "send", "message": "…"}, {"do": "close", "code": 4000}, {"do": "tag", "add": "…"}]}</code> is carried out on the connection that the event came from. ' +
      'On a server an action may name others of the same server, by <code>client</code>, <code>tag</code>, <code>uri</code> or <code>all</code>. Bytes are <code>{"$base64": "…"}</code>, in both directions.',
    queue:
      'Below the node stands how many events wait, and how many may. When there is no room, when retries are used up and when the node is deleted, events come out of the second port. After a deploy the node goes on with what waited.',
    repeats:
      'A call that is made again may bring an event that 4D has had: <code>run</code> and <code>seq</code> tell it. Under one <code>run</code>, <code>seq</code> only counts up.',
  },
  references: {
    websocket: 'The WebSocket protocol',
    deflate: 'Compression extensions for WebSocket',
    readme: 'All options, answers and events',
  },
} as const;

/** What names the connection in an event of a server. */
export const connectionRefWords: Record<keyof ConnectionRef, string> = {
  uri: 'text: the request target of the connection, as received',
  remoteIp: "text: the peer's address",
  remotePort: "number: the peer's port",
  client: 'text: the name of the connection, never used again',
};

/** What an event's payload holds, besides what names the connection. */
export const eventWords: {
  readonly Message: Record<Exclude<keyof MessagePayload, keyof ConnectionRef>, string>;
  readonly Open: Record<Exclude<keyof OpenPayload, Exclude<keyof ConnectionRef, 'uri'>>, string>;
  readonly Close: Record<Exclude<keyof ClosePayload, keyof ConnectionRef>, string>;
  readonly Error: Record<Exclude<keyof ErrorPayload, keyof ConnectionRef>, string>;
} = {
  Message: {
    str: 'text | Buffer: the message',
    binary: 'boolean: it came in binary frames, and str is a Buffer',
    wireSize: 'number: the payload bytes as framed, before decompression',
    data: 'any: with a protocol, the decoded message',
    call: 'object: with a protocol, a call of the peer that the flow has to answer: id, method, params',
  },
  Open: {
    uri: 'text: path and query',
    headers: "object: the answered headers; on a server, the request's",
    protocol: 'text: the subprotocol agreed on, or empty',
    user: 'text: on a server with Basic authentication, who it is',
    notTaken: 'list: on a server, the subprotocols that the client offered, if none was agreed',
    opening: 'object: with a protocol, the messages that the opening conversation kept, by name',
    renews: 'boolean: true if the connection replaces an open one',
  },
  Close: {
    code: 'number: the close code that decided; 1006 when there was no closing handshake',
    reason: 'text: the reason in words',
    remote: "boolean: the peer's close frame came first",
  },
  Error: {
    retries: 'number: failed tries in a row',
    wait_time: 'number: milliseconds until the next try',
    http_status: 'number: the HTTP status of the refused handshake, or 0',
    reason: 'text: what went wrong and what to do',
    decompressionError: 'boolean: a message could not be decompressed',
    count: 'number: on a server, how many refusals of this kind and address the event reports',
    str: 'text | Buffer: with a protocol, a message that could not be read',
  },
};

/** What a server's information says of a connection, besides what names it. */
export const connectionWords: Record<Exclude<keyof ConnectionInfo, keyof ConnectionRef>, string> = {
  path: 'text: the part of uri before the question mark',
  query: 'object: the part behind it, decoded; a list where a name comes more than once',
  user: 'text: who it is, if the upgrade had to say so',
  headers: 'object: the headers of the request, spelled as received',
  protocol: 'text: the subprotocol agreed on, or empty',
  since: 'text: when it opened, ISO 8601',
  messagesIn: 'number: messages that came',
  bytesIn: 'number: the bytes in them, before compression',
  messagesOut: 'number: messages that were sent',
  bytesOut: 'number: the bytes in them, before compression',
  bufferedAmount: 'number: bytes that wait to be sent',
  roundTrip: 'number: milliseconds from the newest ping to its pong; absent until one was answered, see pingInterval',
  tags: 'list: the groups that it is in',
};

/** A property that goes out: its type and its words, and where the words stand. */
export interface Output {
  readonly name: string;
  readonly type: string;
  readonly words: string;
  readonly key: string;
}

const split = (described: string): [type: string, words: string] => {
  const [type = '', ...rest] = described.split(': ');
  return [type, rest.join(': ')];
};

const commandRows = Object.entries(catalog).flatMap(([type, row]) => (row.kind === 'command' ? [[type, row.command] as const] : []));

/** Returns the outputs of a command. The key of a description contains its owner: a group of shared descriptions, or the command. */
export function outputsOf(type: string): readonly Output[] {
  const outputs = commandRows.find(([name]) => name === type)?.[1].outputs ?? {};
  return Object.entries(outputs).map(([name, described]) => {
    const [kind, words] = split(described);
    const owner = Object.entries(sharedOutputs).find(([, group]) => group[name] === described)?.[0] ?? type;
    return { name, type: kind, words, key: `outputs.${owner}.${name}` };
  });
}

/** What an event brings. */
export function eventOutputs(event: keyof typeof eventWords): readonly Output[] {
  return Object.entries(eventWords[event]).map(([name, described]) => {
    const [type, words] = split(described);
    return { name, type, words, key: `event.${event}.${name}` };
  });
}

/** What names the connection in an event of a server. */
export const connectionRefOutputs: readonly Output[] = Object.entries(connectionRefWords).map(([name, described]) => {
  const [type, words] = split(described);
  return { name, type, words, key: `event.origin.${name}` };
});

/** What a server's information says of each connection. */
export const connectionOutputs: readonly Output[] = [
  ...connectionRefOutputs,
  ...Object.entries(connectionWords).map(([name, described]) => {
    const [type, words] = split(described);
    return { name, type, words, key: `connection.${name}` };
  }),
];
