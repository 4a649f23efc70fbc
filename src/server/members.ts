import { optionError } from '../core/errors';
import { flat } from '../core/flat';

/** The most tags of one connection: what peers write can become a tag. */
export const maxTags = 1000;

/** What choosing needs to know of a connection. */
export interface Choosable {
  readonly ref: { readonly client: string; readonly uri: string };
  /** Its place in the order of connection. */
  readonly place: number;
  /** The groups that it is in. To be changed by `Members` only. */
  readonly tags: Set<string>;
}

/**
 * Which connections are meant. `tag` goes before `client`, and `client` before `uri`: every event names its connection and its request
 * target, but a tag only the flow itself. Without any it is everyone.
 */
export interface Receivers {
  /** Those in any of these groups. */
  readonly tag?: readonly string[] | undefined;
  readonly client?: readonly string[] | undefined;
  readonly uri?: readonly string[] | undefined;
  /** Everyone but these, or, with `tag`, everyone in its groups but these. */
  readonly except?: readonly string[] | undefined;
}

export interface TagChanges {
  readonly add?: readonly string[] | undefined;
  /** Taken out before they are put into those of `add`. */
  readonly remove?: readonly string[] | undefined;
}

/** The connections of a server by name, and the groups they are in. Whoever is chosen comes in the order of connection. */
export class Members<M extends Choosable> {
  private readonly byName = new Map<string, M>();
  private readonly groups = new Map<string, Group<M>>();
  /** Kept until somebody comes or goes. */
  private everyone: Chosen<M> | undefined;

  get size(): number {
    return this.byName.size;
  }

  get(client: string): M | undefined {
    return this.byName.get(client);
  }

  /** The newest one. */
  add(member: M): void {
    this.byName.set(member.ref.client, member);
    this.everyone = undefined;
  }

  /** It has ended: it is in no group any more. */
  delete(client: string): void {
    const member = this.byName.get(client);
    if (!member) return;
    this.byName.delete(client);
    this.everyone = undefined;
    for (const tag of member.tags) this.leave(member, tag);
  }

  choose(receivers: Receivers = {}): readonly M[] {
    return this.select(receivers).members;
  }

  /** As `choose`, with what messages that wait may refer to. */
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

  /** @throws SocketError `ERR_OPTION`, with nothing changed, if a connection would have too many tags. */
  retag(members: readonly M[], { add = [], remove = [] }: TagChanges): void {
    rejectTooMany(members, new Set(add), new Set(remove));
    for (const member of members) {
      for (const tag of remove) this.leave(member, tag);
      for (const tag of add) this.join(member, tag);
    }
  }

  private all(): Chosen<M> {
    this.everyone ??= new Chosen([...this.byName.values()]);
    return this.everyone;
  }

  private tagged(tags: readonly string[]): Chosen<M> {
    const [first, ...rest] = tags.flatMap((tag) => this.groups.get(tag) ?? []);
    if (!first) return new Chosen([]);
    return rest.length === 0 ? first.chosen : new Chosen(inOrder([first, ...rest].flatMap(({ chosen }) => chosen.members)));
  }

  private join(member: M, tag: string): void {
    let group = this.groups.get(tag);
    if (!group) {
      group = new Group<M>(flat(tag));
      this.groups.set(group.tag, group);
    }
    member.tags.add(group.tag);
    group.add(member);
  }

  private leave(member: M, tag: string): void {
    const group = this.groups.get(tag);
    member.tags.delete(tag);
    if (group?.delete(member)) this.groups.delete(tag);
  }
}

/** Some connections. Messages on their way refer to `origins`, which keep no connection alive that has ended. */
export class Chosen<M extends Choosable> {
  private named: readonly M['ref'][] | undefined;

  constructor(readonly members: readonly M[]) {}

  get origins(): readonly M['ref'][] {
    this.named ??= this.members.map(({ ref }) => ref);
    return this.named;
  }

  filter(isMeant: (member: M) => boolean): Chosen<M> {
    return new Chosen(this.members.filter(isMeant));
  }
}

/** The connections with one tag. Their list is kept until somebody comes or goes: a message to a group looks at nobody else. */
class Group<M extends Choosable> {
  private readonly members = new Set<M>();
  private kept: Chosen<M> | undefined;

  /** @param tag the text that all its members keep. */
  constructor(readonly tag: string) {}

  get chosen(): Chosen<M> {
    this.kept ??= new Chosen(inOrder([...this.members]));
    return this.kept;
  }

  add(member: M): void {
    this.members.add(member);
    this.kept = undefined;
  }

  /** @returns whether nobody is left. */
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

/** In a long list every connection would be looked for in all of it. */
function among(names: readonly string[]): (name: string) => boolean {
  if (names.length < 8) return (name) => names.includes(name);
  const set = new Set(names);
  return (name) => set.has(name);
}

/** In the order of connection, each once. */
const inOrder = <M extends Choosable>(members: readonly M[]): M[] => [...new Set(members)].sort((a, b) => a.place - b.place);
