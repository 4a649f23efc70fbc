import { optionError } from '../core/errors';
import { flat } from '../core/flat';
import { TurnoverMap } from '../core/turnover-map';

/** The maximum number of tags of one connection. It is bounded because a flow can turn peer data into tags. */
export const maxTags = 1000;

/** The properties of a connection that selection reads. */
export interface Choosable {
  readonly ref: { readonly client: string; readonly uri: string };
  /** Its position in the order of connection. */
  readonly place: number;
  /** The groups that it is in. Only `Members` changes them. */
  tags: Set<string>;
}

/** The tags of all connections that are in no group. */
export const noTags = new Set<string>();

/**
 * Selects connections. `tag` overrides `client`, and `client` overrides `uri`. Every event carries `client` and `uri`, but only the flow
 * sets a tag. Without any of them, all connections are selected.
 */
export interface Receivers {
  /** Selects the connections in any of these groups. */
  readonly tag?: readonly string[] | undefined;
  readonly client?: readonly string[] | undefined;
  readonly uri?: readonly string[] | undefined;
  /** Excludes these connections from all, or with `tag`, from those in its groups. */
  readonly except?: readonly string[] | undefined;
}

export interface TagChanges {
  readonly add?: readonly string[] | undefined;
  /** Applied before `add`. */
  readonly remove?: readonly string[] | undefined;
}

/** The connections of a server by name, and their groups. Selected connections are in the order of connection. */
export class Members<M extends Choosable> {
  private readonly byName = new TurnoverMap<string, M>();
  private readonly groups = new Map<string, Group<M>>();
  /** Cached until a connection is added or deleted. */
  private everyone: Chosen<M> | undefined;

  get size(): number {
    return this.byName.size;
  }

  get(client: string): M | undefined {
    return this.byName.get(client);
  }

  /** Adds a connection. It must be the newest. */
  add(member: M): void {
    this.byName.add(member.ref.client, member);
    this.everyone = undefined;
  }

  /** Deletes a connection that has ended, and removes it from its groups. */
  delete(client: string): void {
    const member = this.byName.delete(client);
    if (!member) return;
    this.everyone = undefined;
    for (const tag of member.tags) this.leave(member, tag);
  }

  choose(receivers: Receivers = {}): readonly M[] {
    return this.select(receivers).members;
  }

  /** Selects like `choose`. The result includes the refs that queued messages hold. */
  select({ tag, client, uri, except }: Receivers): Chosen<M> {
    if (except) {
      const isExcepted = among(except);
      return (tag ? this.tagged(tag) : this.all()).filter(({ ref }) => !isExcepted(ref.client));
    }
    if (tag) return this.tagged(tag);
    if (client) return new Chosen(inOrder(client.flatMap((name) => this.byName.get(name) ?? [])));
    if (!uri?.length) return this.all();
    const isMeant = among(uri);
    return this.all().filter(({ ref }) => isMeant(ref.uri));
  }

  /**
   * Changes the tags of connections.
   *
   * @param onJoined called with each connection that has joined groups.
   * @throws SocketError `ERR_OPTION`, before any change, if a connection would exceed `maxTags`.
   */
  retag(members: readonly M[], { add = [], remove = [] }: TagChanges, onJoined?: (member: M, joined: readonly string[]) => void): void {
    rejectTooMany(members, new Set(add), new Set(remove));
    for (const member of members) {
      for (const tag of remove) this.leave(member, tag);
      const joined = add.filter((tag) => this.join(member, tag));
      if (joined.length > 0) onJoined?.(member, joined);
    }
  }

  private all(): Chosen<M> {
    this.everyone ??= new Chosen(this.byName.values(), true);
    return this.everyone;
  }

  private tagged(tags: readonly string[]): Chosen<M> {
    const [first, ...rest] = tags.flatMap((tag) => this.groups.get(tag) ?? []);
    if (!first) return new Chosen([]);
    return rest.length === 0 ? first.chosen : new Chosen(inOrder([first, ...rest].flatMap(({ chosen }) => chosen.members)));
  }

  /** @returns whether the connection was not in the group before. */
  private join(member: M, tag: string): boolean {
    if (member.tags.has(tag)) return false;
    let group = this.groups.get(tag);
    if (!group) {
      group = new Group<M>(flat(tag));
      this.groups.set(group.tag, group);
    }
    if (member.tags === noTags) member.tags = new Set();
    member.tags.add(group.tag);
    group.add(member);
    return true;
  }

  private leave(member: M, tag: string): void {
    const group = this.groups.get(tag);
    member.tags.delete(tag);
    if (group?.delete(member)) this.groups.delete(tag);
  }
}

/** A selection of connections. Queued messages hold `origins`, so they do not keep a closed connection in memory. */
export class Chosen<M extends Choosable> {
  private named: readonly M['ref'][] | undefined;

  /** @param isKept true if the next selection may be the same list. */
  constructor(
    readonly members: readonly M[],
    readonly isKept = false,
  ) {}

  get origins(): readonly M['ref'][] {
    this.named ??= this.members.map(({ ref }) => ref);
    return this.named;
  }

  filter(isMeant: (member: M) => boolean): Chosen<M> {
    return new Chosen(this.members.filter(isMeant));
  }
}

/** The connections with one tag. Their list is cached until one joins or leaves. A send to a group visits no other connection. */
class Group<M extends Choosable> {
  private readonly members = new Set<M>();
  private kept: Chosen<M> | undefined;

  /** @param tag the one string instance that all members hold. */
  constructor(readonly tag: string) {}

  get chosen(): Chosen<M> {
    this.kept ??= new Chosen(inOrder([...this.members]), true);
    return this.kept;
  }

  add(member: M): void {
    this.members.add(member);
    this.kept = undefined;
  }

  /** @returns whether the group is now empty. */
  delete(member: M): boolean {
    this.members.delete(member);
    this.kept = undefined;
    return this.members.size === 0;
  }
}

function rejectTooMany(members: readonly Choosable[], add: ReadonlySet<string>, remove: ReadonlySet<string>): void {
  for (const { ref, tags } of members) {
    if (tags.size + add.size <= maxTags) continue;
    let count = add.size;
    for (const tag of tags) if (!remove.has(tag) && !add.has(tag)) count++;
    if (count > maxTags) {
      const why = `The option add would put the connection ${ref.client} into ${count} groups; a connection is in at most ${maxTags}.`;
      throw optionError(`${why} Remove it from some of them first.`, undefined, 'add');
    }
  }
}

/** Returns a membership test for names. A linear search per connection is slow in a long list, so 8 names or more use a `Set`. */
function among(names: readonly string[]): (name: string) => boolean {
  if (names.length < 8) return (name) => names.includes(name);
  const set = new Set(names);
  return (name) => set.has(name);
}

/** Returns the connections in the order of connection, without duplicates. */
const inOrder = <M extends Choosable>(members: readonly M[]): M[] => [...new Set(members)].sort((a, b) => a.place - b.place);

/** Returns the name of the one connection that is selected, if only its name selects it. */
export const onlyOne = ({ tag, client, except }: Receivers) => (client?.length === 1 && !tag && !except ? client[0] : undefined);
