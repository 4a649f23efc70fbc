import { type Link, LinkedList } from '../../core/linked-list';
import { guarded, type Log } from '../../core/log';
import { SizeRanking } from '../../core/size-ranking';
import { addressGroup } from '../../net/address';

/** The maximum number of connections that are silent for longer than the grace period: in total, and per address. */
export const maxSilent = 64;
export const maxSilentOfAddress = 8;
/** An address with more unfinished handshakes than this loses a place first. */
export const fewOfAddress = 8;

/** The grace period before a connection counts as silent, ms. A client sends data with the last TCP handshake packet or right after it. */
export const graceMs = 1000;
/** The interval between checks of the silent connections while a bound is exceeded, ms. */
export const pollMs = 50;

/** One connection from TCP accept to the end of its upgrade request. */
export interface UnfinishedHandshake {
  /** The address of the TCP connection; `undefined` for a trusted proxy, whose clients share its address. */
  readonly address: string | undefined;
  readonly bytesRead: () => number;
  /** Drops the connection to free its place. */
  readonly evict: () => void;
}

/** A group of places, in order of age. */
class PlaceGroup {
  readonly all = new LinkedList<Place>();
  /** The places whose connections had sent nothing at their last check. */
  readonly silent = new LinkedList<Place>();
  rank: Link<PlaceGroup> | undefined;

  constructor(readonly name: string) {}
}

/** The links of a place in one group. */
interface Membership {
  readonly group: PlaceGroup;
  readonly all: Link<Place>;
  readonly silent: Link<Place>;
}

interface Place {
  readonly handshake: UnfinishedHandshake;
  readonly since: number;
  /** Its links in the group of all places and in the group of its address. */
  memberships: readonly Membership[];
  isSilent: boolean;
}

/**
 * Limits the unfinished handshakes, separately from the open connections.
 *
 * - A connection counts as silent until it has sent data. While more than `maxSilent` connections are silent, or more than
 *   `maxSilentOfAddress` of one address, those silent for a second are evicted. The oldest is evicted first.
 * - At `limit` places a new connection evicts another. It is one of the address with the most places, if that has more than
 *   `fewOfAddress`. Otherwise it is one of any address. Connections silent for a second are evicted first, then the oldest.
 *
 * An evicted connection has had more time than those that stay. Each step takes amortized constant time.
 */
export class HandshakePlaces {
  private readonly everyone = new PlaceGroup('');
  private readonly byAddress = new Map<string, PlaceGroup>();
  private readonly ranking = new SizeRanking<PlaceGroup>();
  private readonly limit: number;
  private timer: NodeJS.Timeout | undefined;
  /** The time of the latest check of silent connections, ms. */
  private latestTrim = Number.NEGATIVE_INFINITY;

  /** @param limit the maximum number of unfinished handshakes; raised to `maxSilent` if it is lower. */
  constructor(
    limit: number,
    private readonly log: Log,
  ) {
    this.limit = Math.max(limit, maxSilent);
  }

  get size(): number {
    return this.everyone.all.size;
  }

  /** Assigns a place to a handshake. @returns a function that releases the place. */
  enter(handshake: UnfinishedHandshake): () => void {
    if (this.size >= this.limit) this.makeRoom();
    const place: Place = { handshake, since: performance.now(), memberships: [], isSilent: true };
    const { address } = handshake;
    const groups = address === undefined ? [this.everyone] : [this.everyone, this.groupOf(addressGroup(address))];
    place.memberships = groups.map((group) => ({ group, all: group.all.add(place), silent: group.silent.add(place) }));
    this.rank(groups[1], 1);
    if (this.isOver(place)) this.watch();
    return () => this.leave(place);
  }

  /** Stops the checks of silent connections. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private groupOf(name: string): PlaceGroup {
    const known = this.byAddress.get(name);
    if (known) return known;
    const group = new PlaceGroup(name);
    this.byAddress.set(name, group);
    return group;
  }

  /** Updates the ranking after the size of an address group has changed. */
  private rank(group: PlaceGroup | undefined, change: 1 | -1): void {
    if (!group) return;
    const { size } = group.all;
    this.ranking.resize(group, size - change, size);
    if (size === 0) this.byAddress.delete(group.name);
  }

  private isOver({ memberships: [, own] }: Place): boolean {
    return this.everyone.silent.size > maxSilent || (own !== undefined && own.group.silent.size > maxSilentOfAddress);
  }

  private leave(place: Place): void {
    this.endSilence(place);
    const { memberships } = place;
    place.memberships = [];
    for (const { group, all } of memberships) group.all.remove(all);
    this.rank(memberships[1]?.group, -1);
  }

  private endSilence(place: Place): void {
    if (!place.isSilent) return;
    place.isSilent = false;
    for (const { group, silent } of place.memberships) group.silent.remove(silent);
  }

  /** Returns whether a connection has sent nothing. It is polled only when needed, so incoming data has no extra cost. */
  private isSilent(place: Place): boolean {
    if (place.handshake.bytesRead() === 0) return true;
    this.endSilence(place);
    return false;
  }

  private makeRoom(): void {
    const { largest } = this.ranking;
    const { silent, all } = largest && largest.all.size > fewOfAddress ? largest : this.everyone;
    while (silent.first && !this.isSilent(silent.first.item));
    const quiet = silent.first?.item;
    const place = quiet && performance.now() - quiet.since >= graceMs ? quiet : all.first?.item;
    if (place) this.evict(place);
  }

  private evict(place: Place): void {
    this.leave(place);
    place.handshake.evict();
  }

  private watch(): void {
    this.timer ??= setTimeout(
      guarded(this.log, () => this.trim()),
      pollMs,
    ).unref();
  }

  /** Evicts connections silent for longer than the grace period while a bound is exceeded. Of the others it checks at most `maxSilent`. */
  private trim(): void {
    this.timer = undefined;
    const now = performance.now();
    // After a blocked event loop, this timer runs before the sockets are read. A connection is silent only if it was read since it came.
    const before = Math.min(now - graceMs, this.latestTrim);
    this.latestTrim = now;
    let link = this.everyone.silent.first;
    while (link && link.item.since <= before) {
      const { item: place, after } = link;
      if (this.isSilent(place) && this.isOver(place)) this.evict(place);
      link = after;
    }
    // The remaining connections are still in their grace period, so they are checked again later.
    if (link) this.watch();
  }
}
