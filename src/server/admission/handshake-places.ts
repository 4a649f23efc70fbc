import { type Link, LinkedList } from '../../core/linked-list';
import { guarded, type Log } from '../../core/log';
import { SizeRanking } from '../../core/size-ranking';
import { addressGroup } from '../../net/address';

/** Connections that may be silent for longer than the grace: in all, and of one address. */
export const maxSilent = 64;
export const maxSilentOfAddress = 8;
/** An address with more unfinished handshakes than this makes room first. */
export const fewOfAddress = 8;

/** A client sends its request with the last packet of the TCP handshake, or right after it. Until then no connection counts as silent, ms. */
export const graceMs = 250;
/** How often the silent connections are checked while a bound is exceeded, ms. */
export const pollMs = 50;

/** One connection from TCP accept to the end of its upgrade request. */
export interface UnfinishedHandshake {
  /** The TCP connection's; `undefined` for a trusted proxy, whose clients share its address. */
  readonly address: string | undefined;
  readonly bytesRead: () => number;
  /** Drops the connection, since others need its place. */
  readonly evict: () => void;
}

/** Places in order of age. */
class PlaceGroup {
  readonly all = new LinkedList<Place>();
  /** Those that had sent nothing when they were last checked. */
  readonly silent = new LinkedList<Place>();

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
  /** The group of all places, and that of its address. */
  memberships: readonly Membership[];
  isSilent: boolean;
}

/**
 * The places of unfinished handshakes, apart from those of open connections.
 *
 * - A connection that has sent nothing for 250 ms is evicted, the oldest first, while more than `maxSilent` connections are silent, or more than
 *   `maxSilentOfAddress` of its address.
 * - At `limit` places a new connection takes the place of another: one of the address with the most places if those are more than `fewOfAddress`,
 *   else one of any address. Connections that were silent for 250 ms go first, then the oldest.
 *
 * A connection that is evicted has had more time than those that stay. Each step takes constant time on average.
 */
export class HandshakePlaces {
  private readonly everyone = new PlaceGroup('');
  private readonly byAddress = new Map<string, PlaceGroup>();
  private readonly ranking = new SizeRanking<PlaceGroup>();
  private readonly limit: number;
  private timer: NodeJS.Timeout | undefined;

  /** @param limit the most unfinished handshakes; `maxSilent` at least. */
  constructor(
    limit: number,
    private readonly log: Log,
  ) {
    this.limit = Math.max(limit, maxSilent);
  }

  get size(): number {
    return this.everyone.all.size;
  }

  /** Gives a handshake a place, and returns what gives it back. */
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

  /** Ends the watch. */
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

  /** Called after the size of an address's group has changed. */
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

  /** Checks whether a connection has sent something only where that matters: nothing is done for each byte that arrives. */
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

  /** Evicts connections that were silent for longer than the grace while a bound is exceeded. Of the others it checks `maxSilent` at most. */
  private trim(): void {
    this.timer = undefined;
    const now = performance.now();
    let link = this.everyone.silent.first;
    while (link && now - link.item.since >= graceMs) {
      const { item: place, after } = link;
      if (this.isSilent(place) && this.isOver(place)) this.evict(place);
      link = after;
    }
    // The younger ones.
    if (link) this.watch();
  }
}
