// Sends numbered messages to a send node, and checks that each is answered once. It also checks the numbered messages of a peer.
// `/faults/feed` starts, stops and reports.

const fresh = () => ({
  /** Messages given to the send node. */
  asked: 0,
  succeeded: 0,
  failed: 0,
  /** Answers to a message that had been answered before. */
  answeredAgain: 0,
  /** Counts of the sentences of failures. */
  said: {},
  /** Messages of the peer. */
  received: 0,
  receivedAgain: 0,
  /** Messages that came after a later one of the same connection. */
  disordered: 0,
});

let feed = fresh();
let answered = new Set();
/** Numbers of the messages that were answered with `success: false`. */
let failures = [];
let received = new Set();
/** The last number of each connection of the peer. */
let last = {};

const reset = () => {
  feed = fresh();
  answered = new Set();
  failures = [];
  received = new Set();
  last = {};
};

function noteAnswer({ number, payload: { success, errorStr } }) {
  if (answered.has(number)) feed.answeredAgain++;
  answered.add(number);
  if (success) feed.succeeded++;
  else {
    feed.failed++;
    failures.push(number);
    const kind = String(errorStr).replace(/\d+/g, 'n');
    feed.said[kind] = (feed.said[kind] ?? 0) + 1;
  }
}

/** The text of a peer: its connection, a space, and its number. */
function noteMessage(text) {
  const [connection, digits] = text.split(' ');
  const number = Number(digits);
  feed.received++;
  if (received.has(number)) feed.receivedAgain++;
  received.add(number);
  if (number <= (last[connection] ?? 0)) feed.disordered++;
  last[connection] = number;
}

module.exports = (RED) => {
  let node;
  let timer;
  RED.nodes.registerType('faults-feed', function (def) {
    RED.nodes.createNode(this, def);
    node = this;
    this.on('input', (msg, _send, done) => {
      if (msg.number === undefined) noteMessage(String(msg.payload.str));
      else noteAnswer(msg);
      done();
    });
    this.on('close', () => clearInterval(timer));
  });

  const send = (size) => {
    const number = ++feed.asked;
    node.send({ number, payload: `${number} `.padEnd(size, 'x') });
  };
  /** `perSecond` messages of `size` characters, at most `count`. */
  RED.httpAdmin.post('/faults/feed/start', ({ query }, response) => {
    clearInterval(timer);
    const perSecond = Number(query.perSecond);
    const size = Number(query.size);
    const end = Number(query.count);
    const start = performance.now();
    let count = 0;
    timer = setInterval(() => {
      const due = Math.min(((performance.now() - start) / 1000) * perSecond, end);
      // The rest is sent later, so that a busy process still answers.
      for (const most = count + 1000; count < due && count < most; count++) send(size);
    }, 5);
    response.json({});
  });
  RED.httpAdmin.post('/faults/feed/stop', (_request, response) => {
    clearInterval(timer);
    response.json({});
  });
  RED.httpAdmin.get('/faults/feed', (_request, response) => response.json(feed));
  RED.httpAdmin.get('/faults/feed/failures', (_request, response) => response.json(failures));
  RED.httpAdmin.post('/faults/feed/reset', (_request, response) => {
    reset();
    response.json({});
  });
};
