import { type Codec, type CodecOptions, TooLong } from './codec';

/** A STOMP 1.2 frame. */
interface StompFrame {
  readonly command?: unknown;
  readonly headers?: Record<string, unknown>;
  readonly body?: unknown;
}

/** STOMP 1.2 by the parser of `@stomp/stompjs`. Line feeds between frames (the protocol's heart-beats) are not messages. */
export async function loadStomp(): Promise<(options: CodecOptions) => Codec> {
  const { FrameImpl, Parser } = await import('@stomp/stompjs');
  return ({ maxPayload }) => {
    let frames: unknown[] = [];
    let bytes = 0;
    const parser = new Parser(
      (raw) => {
        const { command, headers, body, binaryBody } = FrameImpl.fromRawFrame(raw, true);
        bytes = 0;
        frames.push({ command, headers: { ...headers }, body: isText(headers) ? body : Buffer.from(binaryBody) });
      },
      () => {},
    );
    return {
      encode(message) {
        const { command, headers = {}, body } = (message ?? {}) as StompFrame;
        if (typeof command !== 'string' || !/^[A-Z]+$/.test(command)) throw new Error('A STOMP frame needs a command, such as SEND');
        const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
        const isBinary = Buffer.isBuffer(body);
        const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
        const frame = FrameImpl.marshall({
          command,
          headers: Object.fromEntries(texts),
          escapeHeaderValues: command !== 'CONNECT',
          ...(isBinary ? { binaryBody: body } : { body: text }),
        });
        return [typeof frame === 'string' ? frame : Buffer.from(frame)];
      },
      decode(data) {
        frames = [];
        bytes += data.length;
        if (typeof data === 'string') parser.parseChunk(data);
        else parser.parseChunk(data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer);
        if (frames.length === 0 && maxPayload > 0 && bytes > maxPayload) throw new TooLong(maxPayload);
        if (frames.length > 0 || data.length <= 1) bytes = 0;
        return frames;
      },
    };
  };
}

const isText = (headers: Record<string, string>) => headers['content-type'] !== 'application/octet-stream';
