/** The English texts of the help's frame, and of the outputs of commands and events. */

import type { Command } from '../../../src/commands/command';
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
    example: 'Example',
  },
  /** The types of values, as Node-RED calls them. */
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
    environment:
      'Any field can contain <code>${NAME}</code>, alone or within a text. It is replaced by the environment variable of that name, each time it is used.',
    message: 'Properties of <code>msg.payload</code> that are passed to create or start override the options of the same name.',
    lifetime:
      'The socket exists as long as this node is deployed unchanged. Changing the node closes it: peers receive the close code 1012 (<em>Service restart</em>), ' +
      'or 1001 (<em>Going away</em>) if the node is deleted or disabled.',
  },
  inputs: {
    payload: 'An object with the options of the command. Any other payload is ignored.',
    message: 'The message: a string is sent as a text frame, a Buffer as a binary frame, anything else as JSON.',
    bare: 'A payload that is not an object is the message itself. Of an object, <code>message</code> is sent, or else <code>str</code>, so that an event wired into this node is echoed.',
    name: 'The name of the method, or an object with the name in <code>method</code>.',
    nothing: 'Any message.',
    id: 'The id of the socket to use. Default: the one selected in the node, otherwise <code>msg.socket</code>.',
    idOfCreate: 'If set, no socket is created, and information about this socket is output.',
    options: 'Any option of the __config__ node: __names__.',
    socket: 'The id of the socket, if neither the payload nor the node selects one.',
  },
  outputs: {
    payload: 'The result of the command.',
    socket: 'The id of the socket.',
    errorCode: 'Set if the request was invalid:',
    details: 'With <em>data</em> and <em>JSON</em>: the event object.',
    event: 'Message, Open, Close or Error; <code>type</code> has its number, 0 to 3.',
    method: 'The current method.',
  },
  command: {
    failures:
      'A failure such as a refused connection or a timeout is output with <code>success: false</code> and an explanation in <code>errorStr</code>. ' +
      'Tick <em>Raise failures</em> to report it to Catch nodes too. ' +
      'An invalid request is output in the same way, and always reported as an error.',
    others: 'All other properties of the message are preserved.',
    create: 'Sockets created by this node are removed when the node is deployed again or deleted.',
  },
  events: {
    all: 'If no client or server is selected, the events of all of them are output.',
    method: 'If Method is set, events are output only while it is the current method (<em>set method</em>).',
    order: 'The events of a connection are output in order, each exactly once.',
  },
  decider: {
    ask: 'The question, for the answer. <code>websocket reply</code> reads it.',
    payload: {
      client:
        '<code>URL</code>, <code>headers</code>, <code>subProtocols</code>, <code>retries</code> and <code>reason</code> of the last failure.',
      server:
        '<code>uri</code>, <code>path</code>, <code>query</code>, <code>headers</code>, <code>subProtocols</code>, <code>remoteIp</code>, <code>remotePort</code>, and what is known of <code>params</code>, <code>user</code> and <code>certificate</code>.',
    },
    topic: 'The path.',
    answer: {
      client:
        'Answer with <code>websocket reply</code>: <code>{ URL, headers, subProtocols, vars }</code> for this attempt, all optional; or <code>{ accept: false, reason, wait }</code>, which is a failed attempt.',
      server:
        'Answer with <code>websocket reply</code>: <code>{ accept: true, subProtocol, headers, tags, user, session }</code>, or <code>{ accept: false, status, headers, reason }</code>. Path, origin, authentication and limits are checked before.',
    },
    timeout:
      'Without an answer in time, an upgrade is refused with 503, and an attempt fails. A node that names the socket is asked before one that names none.',
  },
  replay: {
    recording: 'The recording to play, instead of that of the node: an object, or its JSON text.',
    options: 'Options for this replay, instead of those of the node.',
    receivers: 'With a server: the connections to send to. Default: all.',
    stop: 'If true, stops the replay. A stopped replay outputs its message; this message outputs nothing.',
    success: 'True if no message failed.',
    sent: 'Messages that were sent, in all rounds.',
    failed: 'Messages that were not sent. The replay goes on.',
    frames: 'Messages in one round.',
    rounds: 'Rounds that were played to the end.',
    stopped: 'True if the replay was stopped, by a message or by the next replay.',
    errorStr: 'The first failure.',
    times:
      'Each message is sent at its time from the start of the recording, but not before the previous one was sent. One message is output when the replay has ended. A further message starts again from the beginning.',
    format:
      'A recording is <code>{ "ix-recording": 1, "frames": [ { "at": 0, "direction": "out", "type": "text", "data": "hello" } ] }</code>. <code>at</code> is in milliseconds; the <code>data</code> of <code>binary</code> is Base64. What a peer sent is data: it does not start another recording, and stops nothing.',
    limits: 'At most 100000 messages and 64 MiB. A loop lasts at least 10 ms for each round.',
  },
  bridge: {
    payload: 'The status that the call was answered with.',
    topic: 'The path of the call below that of the bridge, such as <code>client/send</code>.',
    owner: 'The 4D application that called.',
    id: 'The id of the client or server, if the call was about one.',
    calls:
      'A call is <code>POST PATH/client/send</code> with the socket object as JSON and the header <code>Authorization: Bearer TOKEN</code>. The answer is the status of the plugin. ' +
      '<code>GET PATH/openapi.json</code> describes all calls. Bytes are <code>{"$base64": "…"}</code>, in both directions.',
    events:
      '<code>POST PATH/events</code> waits for the events of the sockets that an owner has created, and of the config nodes that the bridge may use. <code>after</code> acknowledges those that were received. The node outputs one message for each call, except for polls.',
  },
  hook: {
    payload: 'The event, which 4D receives as <code>message</code>. Connect an events node to this node.',
    type: 'Message 0, Open 1, Close 2, Error 3; without it, 0.',
    answer: 'The response of 4D: the parsed JSON, otherwise the text.',
    status: 'The HTTP status, or 0.',
    statuses: 'The status of each action that was carried out.',
    details: 'The event, or an array of events if a call can carry several.',
    undelivered: 'The event, unchanged.',
    errorStr: 'The reason why it was not delivered.',
    order:
      'The events of a connection reach 4D in order, one call at a time. Each waits until the previous one has been delivered or abandoned. ' +
      'A call is repeated after a 5xx response or a lost connection. In an outage of 4D all events wait, and the oldest one tries at most every 5 s whether 4D is back. Any other response is final. ' +
      'If a call has several events, 4D gets the halves of a refused call, so that only the refused events are undelivered.',
    actions:
      'A response <code>{"actions": [{"do": "send", "message": "…"}, {"do": "close", "code": 4000}, {"do": "tag", "add": "…"}]}</code> is carried out on the connection of the event. ' +
      'On a server an action can select others of the same server, by <code>client</code>, <code>tag</code>, <code>uri</code> or <code>all</code>. Bytes are <code>{"$base64": "…"}</code>, in both directions.',
    queue:
      'The status shows the number of queued events, and the limit. Events go to the second output when the queue is full, when 4D refuses them, when the retries or the time of an outage are exhausted, and when the node is deleted. If that output is not wired, the log has a warning, at most one per minute. The queue survives a deploy.',
    repeats:
      'A repeated call may contain an event that 4D has already processed. Use <code>run</code> and <code>seq</code> to detect it: within one <code>run</code>, <code>seq</code> only increases.',
  },
  references: {
    websocket: 'The WebSocket protocol',
    deflate: 'Compression extensions for WebSocket',
    deciding: 'Questions to the flow: messages, answers, limits and recipes',
    readme: 'Full reference: options, results and events',
  },
} as const;

/** The properties that identify the connection in an event of a server. */
export const connectionRefWords: Record<keyof ConnectionRef, string> = {
  uri: 'text: the request target of the connection, as received',
  remoteIp: "text: the peer's address",
  remotePort: "number: the peer's port",
  client: 'text: the unique identifier of the connection, never reused',
  params: 'object: the parts of its path that the option path names, decoded; only if it names any',
  session: 'object: the JSON value that the flow has given to the connection, of any type; only if it has one',
};

/** The properties of an event's payload, besides those that identify the connection. */
export const eventWords: {
  readonly Message: Record<Exclude<keyof MessagePayload, keyof ConnectionRef>, string>;
  readonly Open: Record<Exclude<keyof OpenPayload, Exclude<keyof ConnectionRef, 'uri'>>, string>;
  readonly Close: Record<Exclude<keyof ClosePayload, keyof ConnectionRef>, string>;
  readonly Error: Record<Exclude<keyof ErrorPayload, keyof ConnectionRef>, string>;
} = {
  Message: {
    str: 'text | Buffer: the message',
    binary: 'boolean: true for a binary message; str is then a Buffer',
    wireSize: 'number: payload bytes on the wire, before decompression',
    data: 'any: with a protocol, the decoded message',
    call: 'object: with a protocol, a call of the peer that the flow must answer: id, method, params',
  },
  Open: {
    uri: 'text: path and query',
    headers: 'object: the response headers; on a server, the request headers',
    protocol: 'text: the negotiated subprotocol, or empty',
    user: 'text: on a server, the authenticated user, or the user that the flow has given',
    notTaken: 'list: on a server, the subprotocols that the client offered, if none was negotiated',
    opening: 'object: with a protocol, the messages that the opening conversation kept, by name',
    renews: 'boolean: true if the connection replaces an open one',
  },
  Close: {
    code: 'number: the close code; 1006 if there was no closing handshake',
    reason: 'text: the close reason',
    remote: 'boolean: true if the peer initiated the close',
  },
  Error: {
    retries: 'number: consecutive failed attempts',
    wait_time: 'number: milliseconds until the next attempt',
    http_status: 'number: the HTTP status of the refused handshake, or 0',
    reason: 'text: what went wrong and what to do',
    decompressionError: 'boolean: true if a message could not be decompressed',
    final: 'boolean: true if a client has given up (maxRetries); else absent',
    count: 'number: on a server, the number of refusals of this kind and address',
    str: 'text | Buffer: with a protocol, a message that could not be read',
  },
};

/** The properties of a connection in a server's information, besides those that identify it. */
export const connectionWords: Record<Exclude<keyof ConnectionInfo, keyof ConnectionRef>, string> = {
  path: 'text: the path part of uri',
  query: 'object: the decoded query parameters; an array if a name occurs more than once',
  user: 'text: the authenticated user, if authentication is enabled',
  headers: 'object: the request headers, with their original capitalization',
  protocol: 'text: the negotiated subprotocol, or empty',
  since: 'text: the time of opening, ISO 8601',
  messagesIn: 'number: messages received',
  bytesIn: 'number: bytes received, uncompressed',
  messagesOut: 'number: messages sent',
  bytesOut: 'number: bytes sent, uncompressed',
  bufferedAmount: 'number: bytes buffered for sending',
  roundTrip: 'number: round-trip time of the latest ping, milliseconds; absent until a ping is answered (see pingInterval)',
  tags: 'list: the groups (tags) that it belongs to',
};

/** An output property: its type, its text and the key of the text. */
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

/** Returns the translation key of an input of a command. */
export const inputKey = ({ words }: Command, name: string) => (words ? `inputs.${words}.${name}` : `inputs.${name}`);

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

/** Returns the properties of an event. */
export function eventOutputs(event: keyof typeof eventWords): readonly Output[] {
  return Object.entries(eventWords[event]).map(([name, described]) => {
    const [type, words] = split(described);
    return { name, type, words, key: `event.${event}.${name}` };
  });
}

/** The properties that identify the connection in an event of a server. */
export const connectionRefOutputs: readonly Output[] = Object.entries(connectionRefWords).map(([name, described]) => {
  const [type, words] = split(described);
  return { name, type, words, key: `event.origin.${name}` };
});

/** The properties of each connection in a server's information. */
export const connectionOutputs: readonly Output[] = [
  ...connectionRefOutputs,
  ...Object.entries(connectionWords).map(([name, described]) => {
    const [type, words] = split(described);
    return { name, type, words, key: `connection.${name}` };
  }),
];
