// Answers the questions of an authorize node in random order: what the answer is, and when it comes, follows from the path of the request.
// `/faults/judge` reports what ix-reply answered.

/** Questions that wait for their answer. */
let open = [];
/** For each kind of request: questions, and the answers of ix-reply. */
let counts = {};
const countsOf = (kind) => {
  counts[kind] ??= { asked: 0, succeeded: 0, failed: 0 };
  return counts[kind];
};

/** Returns how long a question waits, ms: up to 0.3 s, so that the order is random. A question ends after 3 s. */
const delays = { late: () => 3300, gone: () => 2000 };
const anyDelay = () => Math.random() * 300;
const replies = {
  accept: { accept: true, session: { let: 'in' } },
  refuse: { accept: false, status: 403, reason: 'not you' },
  twice: { accept: true },
  late: { accept: true },
  gone: { accept: true },
};

module.exports = (RED) => {
  RED.nodes.registerType('faults-judge', function (def) {
    RED.nodes.createNode(this, def);
    const answer = ({ ask, kind }) => this.send({ ask, kind, payload: replies[kind] });
    const judge = setInterval(() => {
      const now = performance.now();
      const due = open.filter(({ from }) => from <= now);
      open = open.filter(({ from }) => from > now);
      for (const question of due) answer(question);
    }, 5);
    this.on('close', () => clearInterval(judge));
    this.on('input', (msg, send, done) => {
      const { kind } = msg;
      if (kind) countsOf(kind)[msg.payload.success ? 'succeeded' : 'failed']++;
      else {
        const [, of, asked] = msg.payload.path.split('/');
        if (of !== 'ask') send({ ask: msg.ask, kind: 'crowd', payload: { accept: true } });
        else {
          countsOf(asked).asked++;
          const question = { ask: msg.ask, kind: asked, from: performance.now() + (delays[asked] ?? anyDelay)() };
          if (asked !== 'never') open.push(question);
          if (asked === 'twice') open.push({ ...question, from: performance.now() + anyDelay() });
        }
      }
      done();
    });
  });
  RED.httpAdmin.get('/faults/judge', (_request, response) => response.json(counts));
  RED.httpAdmin.post('/faults/judge/reset', (_request, response) => {
    counts = {};
    response.json({});
  });
};
