/** One example for the help of each node type: values of its form, or the messages that go in and come out. */
import type { NodeType } from '../../catalog';

const started = (id: number, uri: string) => `msg.socket = ${id}
msg.payload = { success: true, uri: "${uri}", … }`;

const sent = '{ success: true, payloadSize: 5, wireSize: 5, … }';

export const examples: Readonly<Record<NodeType, string>> = {
  'ix-client': `URL           wss://example.com/feed
pingInterval  30`,
  'ix-server': `port          8080
host          0.0.0.0
path          /chat`,
  'ix-protocol': `protocol      { "format": "json" }`,
  'ix-client-events': `msg.socket = 1
msg.payload = { str: "hello", binary: false, wireSize: 5, … }`,
  'ix-server-events': `msg.socket = -1
msg.payload = { str: "hello", binary: false, wireSize: 5,
                uri: "/chat", client: "…", … }`,
  'ix-client-send': `msg.payload = "hello"

msg.payload = ${sent}`,
  'ix-server-send': `msg.payload = { message: "hello", tag: "room 1" }

msg.payload = { success: true, statuses: [ … ], … }`,
  'ix-client-request': `msg.payload = { method: "Shelly.GetStatus", params: {} }

msg.payload = { success: true, result: { … }, requestId: 1, ms: 12, sent: true }`,
  'ix-server-request': `msg.payload = { client: "…", method: "Reset", params: { type: "Soft" } }

msg.payload = { success: true, result: { … }, requestId: 1, ms: 12, sent: true }`,
  'ix-server-tag': `msg.payload = { client: "…", add: "room 1" }

msg.payload = { success: true, tagged: 1 }`,
  'ix-server-disconnect': `msg.payload = { uri: "/chat", code: 4000, reason: "closed" }

msg.payload = { success: true, closed: 2 }`,
  'ix-server-connections': `msg.payload = { tag: "room 1" }

msg.payload = { clients: ["/chat"], connections: [ … ] }`,
  'ix-client-start': `msg.payload = { timeout: 10 }

${started(1, '/feed')}`,
  'ix-client-stop': `msg.payload = { code: 1000, reason: "done" }

msg.payload = { success: true, readyState: "closed", … }`,
  'ix-server-start': `msg.payload = {}

${started(-1, 'ws://127.0.0.1:8080')}`,
  'ix-server-stop': `msg.payload = { code: 1001, reason: "maintenance" }

msg.payload = { success: true, clients: [] }`,
  'ix-client-create': `msg.payload = { URL: "wss://example.com/feed" }

msg.socket = 1
msg.payload = { id: 1 }`,
  'ix-client-clear': `msg.payload = { id: 1 }

msg.payload = { success: true }`,
  'ix-server-create': `msg.payload = { port: 8080, host: "0.0.0.0" }

msg.socket = -1
msg.payload = { id: -1 }`,
  'ix-server-clear': `msg.payload = { id: -1 }

msg.payload = { success: true }`,
  'ix-set-method': `msg.payload = "received"

msg.payload = "received"`,
  'ix-get-method': `msg.payload = "received"`,
  'ix-server-authorize': `msg.payload = { path: "/chat", query: { room: "1" }, … }

msg.payload = { accept: true, tags: ["room 1"] }`,
  'ix-client-prepare': `msg.payload = { URL: "wss://example.com/feed", retries: 0, … }

msg.payload = { headers: { Authorization: "Bearer …" } }`,
  'ix-reply': `msg.payload = { accept: false, status: 403, reason: "not today" }

msg.payload = { success: true }`,
  'ix-replay': `msg.payload = { speed: 2, loop: true }
msg.payload = { stop: true }

msg.payload = { success: true, sent: 120, failed: 0, frames: 120, rounds: 1, stopped: false }`,
  'ix-4d-bridge': `curl -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\
  -d '{"URL": "ws://127.0.0.1:8090/"}' http://127.0.0.1:1880/ix/client`,
  'ix-4d-hook': `4D: { "actions": [ { "do": "send", "message": "hello" } ] }

msg.actions = [ ${sent} ]`,
};
