import { optionError } from './errors';
import { guarded, type Log } from './log';

type Side = 'client' | 'server';

/** A question to the flow. */
export interface Question {
  readonly event: 'Upgrade' | 'Connect';
  readonly socket: number;
  readonly payload: object;
  /** `msg.topic` of the message. */
  readonly topic: string;
}

/** A question with the name by which it is answered. */
type Named = Question & { readonly ask: string };

/** A node that asks the flow. */
export interface Decider {
  readonly timeoutSecs: number;
  /** Show credentials in the question. */
  readonly showsCredentials: boolean;
  /** Outputs a question. @param ask names it, for the answer. */
  ask(question: Named): void;
}

/** The answer of the flow. */
export type Answer = Readonly<Record<string, unknown>>;

/** Returns why an answer cannot be used, as the rest of a sentence; `undefined` if it can. */
export type CheckAnswer = (answer: Answer) => string | undefined;

/** An open question. */
export interface Asked {
  /** Resolves with the answer, or with `undefined` if none came in time or the question was cancelled. */
  readonly answer: Promise<Answer | undefined>;
  /** Ends the question: the peer is gone. */
  cancel(): void;
}

interface Open {
  readonly end: (answer: Answer | undefined) => void;
  readonly check: CheckAnswer;
}

interface Registered extends Decider {
  readonly socket: number | undefined;
}

/** The questions that sockets ask the flow, and the nodes that output them. */
export class Decisions {
  private readonly deciders: Record<Side, Registered[]> = { client: [], server: [] };
  private readonly open = new Map<string, Open>();

  constructor(private readonly log: Log) {}

  /** Adds a node. @param socket the id of its socket; absent: all sockets of the side. @returns a function that removes it. */
  add(side: Side, socket: number | undefined, decider: Decider): () => void {
    const registered: Registered = { ...decider, socket };
    this.deciders[side].push(registered);
    return () => {
      this.deciders[side] = this.deciders[side].filter((each) => each !== registered);
    };
  }

  /**
   * Keeps the questions of a node that is being replaced. Without it, sockets would go on unasked meanwhile.
   *
   * @returns a function that ends this, and gives the questions to the next node.
   */
  hold(side: Side, socket: number | undefined, decider: Omit<Decider, 'ask'>): () => void {
    const held: Named[] = [];
    const remove = this.add(side, socket, { ...decider, ask: (question) => void held.push(question) });
    return () => {
      remove();
      for (const question of held) {
        const { ask } = question;
        const open = this.open.get(ask);
        if (open) this.output(this.find(side, question.socket), question, () => open.end(undefined));
      }
    };
  }

  /** Returns the node that asks for a socket. One that names the socket goes before one that names none. */
  find(side: Side, socket: number): Decider | undefined {
    const deciders = this.deciders[side];
    if (deciders.length === 0) return undefined;
    return deciders.find((each) => each.socket === socket) ?? deciders.find((each) => each.socket === undefined);
  }

  /** Asks the flow. @param check is called with the answer. */
  ask(decider: Decider, question: Question, check: CheckAnswer): Asked {
    const ask = globalThis.crypto.randomUUID();
    let cancel = () => {};
    const answer = new Promise<Answer | undefined>((resolve) => {
      const end = (given: Answer | undefined) => {
        clearTimeout(timer);
        this.open.delete(ask);
        resolve(given);
      };
      cancel = () => end(undefined);
      const timer = setTimeout(guarded(this.log, cancel), decider.timeoutSecs * 1000);
      this.open.set(ask, { end, check });
    });
    this.output(decider, { ...question, ask }, cancel);
    return { answer, cancel };
  }

  private output(decider: Decider | undefined, question: Named, cancel: () => void): void {
    try {
      if (decider) decider.ask(question);
      else cancel();
    } catch (error) {
      this.log.error(error);
      cancel();
    }
  }

  /**
   * Answers an open question.
   *
   * @returns the reason if it is not open.
   * @throws SocketError `ERR_OPTION` if the answer cannot be used. The question has ended all the same.
   */
  answer(ask: unknown, answer: Answer): string | undefined {
    const open = typeof ask === 'string' ? this.open.get(ask) : undefined;
    if (!open) return 'The question is not open: it was answered before, its time is over, or its peer is gone.';
    const wrong = open.check(answer);
    open.end(answer);
    if (wrong !== undefined) throw optionError(`The answer of the flow cannot be used: ${wrong}`);
    return undefined;
  }
}
