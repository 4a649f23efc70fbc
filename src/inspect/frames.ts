import type { FrameKind } from '../connection/observation';
import { flat } from '../core/flat';
import type { FrameRow, FramesAnswer } from './answers';
import type { Redaction } from './redaction';

/** The frames that are kept. */
export const maxFrames = 200;
/** The characters or bytes of each that a list contains. */
export const listed = 1024;
/** The bytes that the whole frames may take together, and one of them. */
export const maxKeptBytes = 4 * 1024 * 1024;
export const maxWholeBytes = 1024 * 1024;

interface Kept {
  readonly seq: number;
  readonly at: number;
  readonly isOut: boolean;
  readonly kind: FrameKind;
  readonly size: number;
  /** The whole, or its beginning with a margin for a secret at the end. */
  data: string | Buffer;
  isWhole: boolean;
  readonly client: string | undefined;
}

/** The last frames of a socket, as somebody looks at them. Secrets are hidden when they are read, not when they arrive. */
export class Frames {
  private readonly kept: Kept[] = [];
  private seq = 0;
  private bytes = 0;
  /** The index of the oldest frame that is kept as a whole, relative to `kept`. */
  private oldestWhole = 0;

  constructor(private readonly redaction: Redaction) {}

  add(isOut: boolean, kind: FrameKind, data: string | Buffer, client?: string): void {
    const size = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    const isWhole = size <= maxWholeBytes;
    const frame = { seq: ++this.seq, at: Date.now(), isOut, kind, size, data: isWhole ? copy(data) : this.head(data), isWhole, client };
    this.kept.push(frame);
    this.bytes += frame.data.length;
    while (this.kept.length > maxFrames) this.dropOldest();
    while (this.bytes > maxKeptBytes && this.oldestWhole < this.kept.length) this.shorten();
  }

  /** Returns the frames after a number. @param max the characters or bytes of each. */
  after(seq: number, max = listed): FramesAnswer {
    const { kept } = this;
    let from = kept.length;
    while (from > 0 && (kept[from - 1] as Kept).seq > seq) from--;
    return { seen: this.seq, frames: kept.slice(from).map((frame) => this.row(frame, max)) };
  }

  /** Returns the whole of a frame; `undefined` if it is no longer kept. */
  whole(seq: number): FrameRow | undefined {
    const frame = this.kept.find((each) => each.seq === seq);
    return frame?.isWhole ? this.row(frame, Number.MAX_SAFE_INTEGER) : undefined;
  }

  private row({ seq, at, isOut, kind, size, data, isWhole, client }: Kept, max: number): FrameRow {
    const { longest } = this.redaction;
    const head = max < data.length ? cut(data, max + longest) : data;
    const base = { seq, at, isOut, kind, size, isKept: isWhole, client, isCut: !isWhole || data.length > max };
    // The end of what was cut may be a part of a secret.
    const hasPart = !isWhole || head.length < data.length;
    const end = (length: number) => Math.max(0, Math.min(max, hasPart ? length - longest : length));
    if (typeof head === 'string') {
      const shown = this.redaction.text(head);
      return { ...base, text: withoutHalf(shown.slice(0, end(shown.length))) };
    }
    const shown = this.redaction.bytes(head);
    return { ...base, base64: shown.subarray(0, end(shown.length)).toString('base64') };
  }

  private dropOldest(): void {
    const oldest = this.kept.shift();
    this.bytes -= oldest?.data.length ?? 0;
    this.oldestWhole = Math.max(0, this.oldestWhole - 1);
  }

  /** Cuts the oldest whole frame. */
  private shorten(): void {
    const frame = this.kept[this.oldestWhole++] as Kept;
    const before = frame.data.length;
    const head = this.head(frame.data);
    if (head.length < before) frame.isWhole = false;
    frame.data = head;
    this.bytes -= before - head.length;
  }

  private head(data: string | Buffer): string | Buffer {
    const max = listed + this.redaction.longest;
    if (data.length <= max) return data;
    const head = cut(data, max);
    return typeof head === 'string' ? flat(head) : Buffer.from(head);
  }
}

const cut = (data: string | Buffer, end: number) => (typeof data === 'string' ? data.slice(0, end) : data.subarray(0, end));

/** Bytes belong to the flow, which may change them. */
const copy = (data: string | Buffer) => (typeof data === 'string' ? data : Buffer.from(data));

/** Half of a surrogate pair is not a character. */
const withoutHalf = (text: string) => (/[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text);
