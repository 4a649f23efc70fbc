import { flat } from '../core/flat';
import { type Link, LinkedList } from '../core/linked-list';
import { guarded, type Log } from '../core/log';
import { maxTimerMs } from '../options/shared';
import type { OutgoingMessage } from '../wire/outgoing-message';

/** A message that is kept for one tag, or for everyone. */
export interface KeptMessage {
  /** Absent: for everyone. */
  readonly tag: string | undefined;
  readonly key: string;
  /** The prepared frames. A protocol may encode one message as several. */
  readonly frames: readonly OutgoingMessage[];
  readonly bytes: number;
  /** The format of the protocol that encoded it; `undefined` for text and bytes, which are sent unchanged. */
  readonly format: string | undefined;
  /** The time at which it was sent, ms since 1970. */
  readonly since: number;
  /** The same as performance time, ms. */
  readonly at: number;
  /** Its place in the order of all kept messages. */
  readonly order: number;
}

/** A kept message in the information about a server. */
export interface RetainedInfo {
  tag?: string;
  key: string;
  bytes: number;
  /** The time at which it was sent, in ISO 8601. */
  since: string;
}

export interface RetainOptions {
  readonly maxRetained: number;
  readonly maxRetainedBytes: number;
  readonly retainSecs?: number | undefined;
  /** The number of messages for each tag and key. */
  readonly history: number;
}

/** The place of a message: the tag and the key. */
type Place = Pick<KeptMessage, 'tag' | 'key'>;
type Kept = Link<KeptMessage>;

/** One order for all servers, because a server takes over what another has kept. */
let latest = 0;

const everyone = [undefined];
const none: readonly Kept[] = [];

/** The newest messages of a server for connections that join later, by tag and key (contract-2, section 16). */
export class LastValues {
  /** The oldest first. */
  private readonly all = new LinkedList<KeptMessage>();
  private readonly byTag = new Map<string | undefined, Map<string, Kept[]>>();
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private options: RetainOptions | undefined;
  private isUsed = false;

  constructor(private readonly log: Log) {}

  get isEmpty(): boolean {
    return this.all.size === 0;
  }

  /** The kept messages, oldest first; `undefined` before the first of the server. */
  get info(): RetainedInfo[] | undefined {
    if (!this.isUsed) return undefined;
    this.expire();
    return this.list().map(({ tag, key, bytes, since }) => ({
      ...(tag !== undefined && { tag }),
      key,
      bytes,
      since: new Date(since).toISOString(),
    }));
  }

  /**
   * Applies the limits of a start. Messages that exceed them are dropped, the oldest first, and so are those of another format.
   *
   * @param format the format of the protocol of the server.
   */
  configure(options: RetainOptions, format: string | undefined): void {
    this.options = options;
    clearTimeout(this.timer);
    this.timer = undefined;
    const { maxRetained, maxRetainedBytes, history } = options;
    for (const kept of this.all) {
      const { item } = kept;
      const isForeign = item.format !== undefined && item.format !== format;
      const isTooMuch = this.all.size > maxRetained || this.bytes > maxRetainedBytes || this.linksOf(item).length > history;
      if (isForeign || isTooMuch) this.remove(kept);
    }
    this.expire();
  }

  /**
   * Keeps a message for each tag; without tags, for everyone. An older one of the same key makes room.
   *
   * @returns the reason if it is not kept: a clause. Nothing has changed then.
   */
  keep(tags: readonly string[] | undefined, key: string, frames: readonly OutgoingMessage[], format?: string): string | undefined {
    this.isUsed = true;
    this.expire();
    const { options } = this;
    const places = placesOf(tags, key);
    if (places.length === 0) return 'it names no group';
    if (!options) return 'the server was never started';
    const { maxRetained, maxRetainedBytes, history } = options;
    const bytes = frames.reduce((sum, { size }) => sum + size, 0);
    const outdated = places.flatMap((place) => this.linksOf(place).slice(0, Math.max(0, this.linksOf(place).length + 1 - history)));
    const freed = outdated.reduce((sum, { item }) => sum + item.bytes, 0);
    if (this.all.size - outdated.length + places.length > maxRetained) return `${maxRetained} messages (maxRetained) are kept already`;
    if (this.bytes - freed + bytes * places.length > maxRetainedBytes) {
      return `the kept messages would be larger than ${maxRetainedBytes} bytes (maxRetainedBytes)`;
    }
    for (const kept of outdated) this.remove(kept);
    const of = { since: Date.now(), at: performance.now(), order: ++latest };
    for (const place of places) this.add({ ...place, frames, bytes, format, ...of });
    this.arm();
    return undefined;
  }

  /** Removes what is kept for each tag, or for everyone, with this key. */
  discard(tags: readonly string[] | undefined, key: string): void {
    for (const place of placesOf(tags, key)) for (const kept of [...this.linksOf(place)]) this.remove(kept);
  }

  /** Returns what is kept for these tags, oldest first; `undefined` as a tag means everyone. A message for several tags occurs once. */
  of(tags: Iterable<string | undefined>): readonly (readonly OutgoingMessage[])[] {
    this.expire();
    const found: KeptMessage[] = [];
    for (const tag of tags) for (const kept of this.byTag.get(tag)?.values() ?? []) for (const { item } of kept) found.push(item);
    found.sort((a, b) => a.order - b.order);
    return [...new Set(found.map(({ frames }) => frames))];
  }

  /** Removes and returns everything, for the server that takes the place of this one. */
  takeAll(): KeptMessage[] {
    const left = this.list();
    this.clear();
    return left;
  }

  /** Takes over what another server has left. The limits apply at the next start. */
  adopt(left: readonly KeptMessage[]): void {
    for (const message of left) this.add(message);
    if (left.length > 0) this.isUsed = true;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (let kept = this.all.first; kept; kept = this.all.first) this.remove(kept);
  }

  private list(): KeptMessage[] {
    const list: KeptMessage[] = [];
    for (const { item } of this.all) list.push(item);
    return list;
  }

  private linksOf({ tag, key }: Place): readonly Kept[] {
    return this.byTag.get(tag)?.get(key) ?? none;
  }

  private add(message: KeptMessage): void {
    const { tag, key, bytes } = message;
    const kept = this.all.add(message);
    this.bytes += bytes;
    let keys = this.byTag.get(tag);
    if (!keys) {
      keys = new Map();
      this.byTag.set(tag, keys);
    }
    const list = keys.get(key);
    if (list) list.push(kept);
    else keys.set(key, [kept]);
  }

  private remove(kept: Kept): void {
    const { tag, key, bytes } = kept.item;
    this.all.remove(kept);
    this.bytes -= bytes;
    const keys = this.byTag.get(tag);
    const list = keys?.get(key);
    if (!keys || !list) return;
    list.splice(list.indexOf(kept), 1);
    if (list.length === 0) keys.delete(key);
    if (keys.size === 0) this.byTag.delete(tag);
  }

  /** Removes what is older than `retainSecs`. */
  private expire(): void {
    const seconds = this.options?.retainSecs;
    if (!seconds) return;
    const oldest = performance.now() - seconds * 1000;
    for (let kept = this.all.first; kept && kept.item.at <= oldest; kept = this.all.first) this.remove(kept);
    this.arm();
  }

  private arm(): void {
    const seconds = this.options?.retainSecs;
    const { first } = this.all;
    if (!seconds || !first || this.timer) return;
    const expired = () => {
      this.timer = undefined;
      this.expire();
    };
    const wait = Math.min(Math.max(first.item.at + seconds * 1000 - performance.now(), 1), maxTimerMs);
    this.timer = setTimeout(guarded(this.log, expired), wait).unref();
  }
}

/** Returns a place for each tag, or that of everyone. Their texts are copies: a tag may be a part of a long message. */
function placesOf(tags: readonly string[] | undefined, key: string): Place[] {
  const ownKey = flat(key);
  return [...new Set(tags ?? everyone)].map((tag) => ({ tag: tag === undefined ? undefined : flat(tag), key: ownKey }));
}
