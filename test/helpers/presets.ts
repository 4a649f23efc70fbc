import { createServer, type IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import { ClientSocket } from '../../src/client/client';
import { type Outcome, type RequestInput, readPreset } from '../../src/conversation';
import type { Call } from '../../src/conversation/calls';
import type { MessagePayload } from '../../src/core/events';
import type { Layer } from '../../src/options/read';
import { ServerSocket } from '../../src/server/server';
import { expressions } from './expressions';
import { listening } from './peers';
import { Queue, within } from './queue';
import { ClientHarness, ServerHarness, TestLog } from './sockets';

/** Returns a preset as a protocol node gives it, which may hold expressions. */
export const protocolOf = (preset: string) => ({ describe: () => readPreset(preset) as Readonly<Record<string, unknown>> });

/** Creates a client that speaks a preset. */
export function presetClient(preset: string, given: Layer): ClientHarness {
  const log = new TestLog();
  const options = { protocol: protocolOf(preset), enableAutomaticReconnection: false, ...given };
  return new ClientHarness(new ClientSocket(1, () => ({}), options, log, expressions), log);
}

/** Creates a server that speaks a preset on each connection. */
export function presetServer(preset: string, given: Layer = {}): ServerHarness {
  const log = new TestLog();
  const options = { port: 0, protocol: protocolOf(preset), ...given };
  return new ServerHarness(new ServerSocket(-1, () => ({}), options, log, undefined, expressions), log);
}

/** Sends a request, and resolves with its outcome. */
export const ask = ({ socket }: ClientHarness, input: Partial<RequestInput>): Promise<Outcome> =>
  within(
    new Promise((resolve) => void socket.request({ timeout: 3, many: false, keep: false, ...input }, resolve)),
    `the outcome of ${String(input.method)}`,
  );

/** Sends a request with `many`, and returns the queue of its parts. */
export function askMany({ socket }: ClientHarness, input: Partial<RequestInput>): Queue<Outcome> {
  const parts = new Queue<Outcome>();
  socket.request({ timeout: 3, keep: false, ...input, many: true }, (outcome) => parts.push(outcome));
  return parts;
}

/** Sends a message in the format of the protocol. */
export const say = ({ socket }: ClientHarness, message: unknown) =>
  within(new Promise<{ success: boolean; errorStr?: string }>((resolve) => socket.send(message, resolve)), 'the answer of send');

/** Takes Message events until one is a call. */
export async function nextCall(harness: ClientHarness | ServerHarness): Promise<Call> {
  for (;;) {
    const { type, payload } = await harness.events.take('a call');
    const { call } = payload as MessagePayload;
    if (type === 0 && call) return call;
  }
}

/** The connection of a stand-in for a service: it sends and reads JSON. */
export interface JsonPeer {
  send(message: unknown): void;
  close(code: number, reason?: string): void;
}

/** A service, written from the document of its protocol. */
export interface JsonService {
  connected?(peer: JsonPeer): void;
  // biome-ignore lint/suspicious/noExplicitAny: the messages of a protocol have many shapes.
  message?(message: any, peer: JsonPeer): void;
}

/** Starts a stand-in for a service. Each connection runs a service of its own. @param separator what ends each message. */
export async function jsonServer(
  service: (request: IncomingMessage) => JsonService,
  separator = '',
): Promise<{ url: string; port: number }> {
  const http = createServer();
  const wss = new WebSocketServer({ server: http });
  wss.on('connection', (ws, request) => {
    const peer: JsonPeer = {
      send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
      close: (code, reason) => ws.close(code, reason),
    };
    const own = service(request);
    ws.on('message', (data) => {
      const texts = separator === '' ? [data.toString()] : data.toString().split(separator).filter(Boolean);
      for (const text of texts) own.message?.(JSON.parse(text), peer);
    });
    ws.on('error', () => {});
    own.connected?.(peer);
  });
  const port = await listening(http);
  return { url: `ws://127.0.0.1:${port}/`, port };
}
