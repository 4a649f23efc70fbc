import { cite } from '../conversation';
import { guardWith } from '../core/log';
import type { Step } from '../core/progress';

/** A connection that is tested with a message. */
export interface TriedLine {
  /** Sends the message. `sent` gets the reason if it was not sent. */
  send(message: unknown, sent: (problem: string | undefined) => void): void;
  /** Calls a function with each message of the peer. */
  listen(hear: (str: string | Buffer) => void): void;
}

/** The longest time until the first answer, and until each further one, ms. */
const waits = { first: 3000, more: 300 };
/** The most answers that are shown. */
const maxAnswers = 5;

/** Sends a message on a tested connection, and reports what comes: a peer may answer once, several times, or not at all. */
export function tryMessage(
  message: unknown,
  line: TriedLine,
  { redact, stop, tell }: { redact: (text: string) => string; stop: AbortSignal; tell: (step: Step) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const guard = guardWith(reject);
    let answers = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      resolve();
    };
    const endAfter = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(guard(late), ms);
    };
    const late = () => {
      if (answers === 0) tell({ step: 'noAnswer', values: { seconds: waits.first / 1000 } });
      end();
    };
    line.listen(
      guard((str: string | Buffer) => {
        if (answers === maxAnswers) return;
        answers++;
        tell({ step: 'answered', values: { message: cite(str, redact) } });
        if (answers < maxAnswers) endAfter(waits.more);
        else end();
      }),
    );
    stop.addEventListener('abort', end, { once: true });
    endAfter(waits.first);
    line.send(
      message,
      guard((problem: string | undefined) => {
        tell(problem === undefined ? { step: 'sent', values: {} } : { step: 'notSent', values: { reason: problem } });
        if (problem !== undefined) end();
      }),
    );
  });
}
