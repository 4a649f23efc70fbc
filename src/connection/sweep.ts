/** The most groups of a sweep, and the shortest time between two of them, ms. */
const maxGroups = 16;
const minGapMs = 20;

/** A polled function, and the group that it is in. */
interface Member {
  readonly poll: () => void;
  group: Set<Member>;
}

/** The sweeps that have members, by their period. */
const sweeps = new Map<number, Sweep>();

/**
 * Calls `poll` every `periodMs`, like `setInterval`. The first call may come later, by a sixteenth of the period.
 *
 * All polls with the same period share one timer, because ten thousand timers take several percent of a CPU. The polls are spread over
 * the period, so that ten thousand pings do not leave in one turn of the event loop.
 *
 * @param poll must not throw.
 * @returns a function that ends the polls.
 */
export function sweep(poll: () => void, periodMs: number): () => void {
  const one = sweeps.get(periodMs) ?? new Sweep(periodMs);
  return one.add(poll);
}

/** Members that are polled together. */
interface Group {
  readonly members: Set<Member>;
  /** The time of its next turn, ms. */
  due: number;
}

class Sweep {
  /** In the order of their turns. */
  private readonly groups: readonly Group[];
  /** The members since the last turn. At the next turn they join its group, whose next turn is a period away. */
  private fresh = new Set<Member>();
  private current = 0;
  private size = 0;
  private readonly gapMs: number;
  /** The time since the beginning, ms, and the clock when it was updated. */
  private time = 0;
  private updated = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly periodMs: number) {
    const count = groupsIn(periodMs);
    this.gapMs = periodMs / count;
    this.groups = Array.from({ length: count }, (_, i) => ({ members: new Set<Member>(), due: i === 0 ? periodMs : i * this.gapMs }));
    this.timer = setInterval(() => this.run(), this.gapMs);
    sweeps.set(periodMs, this);
  }

  add(poll: () => void): () => void {
    // The timer begins with the first member, so that one has no time to wait for.
    const group = this.size === 0 ? (this.groups[this.current] as Group).members : this.fresh;
    const member: Member = { poll, group };
    group.add(member);
    this.size++;
    return () => this.delete(member);
  }

  private delete(member: Member): void {
    if (!member.group.delete(member)) return;
    this.size--;
    if (this.size > 0) return;
    clearInterval(this.timer);
    sweeps.delete(this.periodMs);
  }

  /**
   * Polls the groups whose turn it is. After the event loop was blocked, these are several, each once. The next turn of each is a whole
   * period away: a poll often counts as time that a peer had.
   */
  private run(): void {
    const now = performance.now();
    this.time += Math.max(this.gapMs, now - this.updated);
    this.updated = now;
    const { groups, time } = this;
    for (let i = 0; i < groups.length; i++) {
      const next = (this.current + 1) % groups.length;
      const group = groups[next] as Group;
      if (group.due > time) return;
      // Groups that were late together go on spread over the period.
      group.due = Math.max(time + this.periodMs, (groups[this.current] as Group).due + this.gapMs);
      this.current = next;
      this.poll(group.members);
    }
  }

  private poll(group: Set<Member>): void {
    for (const member of group) member.poll();
    for (const member of this.fresh) {
      member.group = group;
      group.add(member);
    }
    this.fresh.clear();
  }
}

/** Returns the number of groups. The gap between two is in whole milliseconds, as Node.js would cut off the rest. */
function groupsIn(periodMs: number): number {
  for (let count = maxGroups; count > 1; count--) {
    const gap = periodMs / count;
    if (gap >= minGapMs && Number.isInteger(gap)) return count;
  }
  return 1;
}
