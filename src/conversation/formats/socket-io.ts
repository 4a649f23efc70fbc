import type { Packet } from 'socket.io-parser';
import type { Codec } from './codec';
import { fromJson } from './text';

/** A Socket.IO packet inside an Engine.IO packet. `eio` is the Engine.IO type, and the rest belongs to a packet of type `message`. */
interface SocketIoMessage {
  readonly eio?: string;
  readonly type?: number;
  readonly nsp?: string;
  readonly id?: number;
  readonly data?: unknown;
}

/** Socket.IO 4 over the WebSocket transport of Engine.IO 4, by their own parsers. Attachments become Buffers at their places. */
export async function loadSocketIo(): Promise<() => Codec> {
  const [{ Decoder, Encoder }, { encodePacket, decodePacket }] = await Promise.all([
    import('socket.io-parser'),
    import('engine.io-parser'),
  ]);

  const framed = (type: string, data?: unknown): string | Buffer => {
    let frame: string | Buffer = '';
    // The callback runs at once: only browsers' Blobs are asynchronous.
    encodePacket({ type: type as 'message', data: data as string }, true, (encoded) => {
      frame = encoded as string | Buffer;
    });
    return frame;
  };

  return () => {
    const encoder = new Encoder();
    const decoder = new Decoder();
    let decoded: Packet[] = [];
    decoder.on('decoded', (packet: Packet) => void decoded.push(packet));
    const take = (chunk: unknown): readonly unknown[] => {
      decoded = [];
      try {
        decoder.add(chunk as string);
      } catch (error) {
        // It would otherwise wait for attachments, and read nothing else.
        decoder.destroy();
        throw error;
      }
      return decoded.map((packet) => ({ eio: 'message', ...plain(packet) }));
    };
    return {
      encode(message) {
        const { eio = 'message', type, nsp = '/', id, data } = (message ?? {}) as SocketIoMessage;
        if (eio !== 'message') return [framed(eio, typeof data === 'object' ? JSON.stringify(data) : data)];
        if (typeof type !== 'number') throw new Error('A Socket.IO message needs a type, a number from 0 to 4');
        const packet = { type, nsp, ...(id !== undefined && { id }), ...(data !== undefined && { data }) };
        return encoder.encode(packet as Packet).map((each: string | Buffer) => framed('message', each));
      },
      decode(frame) {
        if (typeof frame !== 'string') return take(frame);
        const { type, data } = decodePacket(frame);
        if (type === 'error') throw new Error('The text is not an Engine.IO packet');
        if (type === 'message') return take(data);
        if (type !== 'open') return [{ eio: type, ...(data !== undefined && { data }) }];
        return [{ eio: type, data: fromJson(String(data)) }];
      },
    };
  };
}

const plain = ({ type, nsp, id, data }: Packet) => ({ type: Number(type), nsp, ...(id !== undefined && { id }), data });
