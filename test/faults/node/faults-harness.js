// The middle of the flow that is put under fault. A message goes out of the first port, to everyone, when the conductor sent it, and
// out of the second, back to its sender, when anybody else did. Everything else is counted. `/faults/*` tells the tests.
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** Kept here, not in a node: it has to outlive a redeploy. */
let tally;
const reset = () => {
  tally = { opened: {}, closes: [], closeCodes: {}, errors: [], statuses: {}, failed: {}, handed: {}, said: {}, caught: [] };
};
reset();

/** Of a hundred thousand only the first: what is kept is memory too. */
const keptEvents = 2000;
const add = (counts, name, count = 1) => {
  counts[name] = (counts[name] ?? 0) + count;
};
const keep = (list, item) => {
  if (list.length < keptEvents) list.push(item);
};

function noteEvent({ type, event, payload }) {
  if (type === 1) add(tally.opened, payload.uri);
  if (type === 2) {
    add(tally.closeCodes, payload.code);
    keep(tally.closes, { uri: payload.uri, code: payload.code, reason: payload.reason });
  }
  if (type === 3) {
    // Refusals of a kind and address are gathered.
    const count = payload.count ?? 1;
    add(tally.statuses, payload.http_status, count);
    keep(tally.errors, { uri: payload.uri, http_status: payload.http_status, reason: payload.reason, count });
  }
  if (event === 'Message') throw new Error('messages are not counted here');
}

/** The answer of a send node, one status for each receiver. `current` is what was sent. */
function noteAnswer({ payload, asked }, remembers) {
  for (const { uri, success, errorStr } of payload.statuses) {
    if (!success) {
      add(tally.failed, uri);
      tally.said[uri] ??= errorStr;
    } else if (remembers) {
      tally.handed[uri] ??= [];
      tally.handed[uri].push(asked);
    }
  }
}

/** What is alive after everything that can be collected was: a few rounds, since finalizers set other objects free. */
async function memory() {
  for (let round = 0; round < 4; round++) {
    gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (type) => resources.filter((each) => each === type).length;
  return { used: heapUsed + external, rss, sockets: count('TCPSocketWrap'), timers: count('Timeout') };
}

module.exports = (RED) => {
  RED.nodes.registerType('faults-harness', function (def) {
    RED.nodes.createNode(this, def);
    this.on('input', (msg, send, done) => {
      if (msg.error) keep(tally.caught, String(msg.error.message));
      else if (msg.payload.statuses) noteAnswer(msg, def.remembers);
      else if (msg.type !== 0) noteEvent(msg);
      else {
        const { str, uri } = msg.payload;
        // The number in front of the text is enough to know it again.
        if (def.remembers) msg.asked = String(str).split(' ', 1)[0];
        send(uri === '/conductor' ? [msg, null] : [null, msg]);
      }
      done();
    });
  });
  RED.httpAdmin.get('/faults/memory', (_request, response, next) => {
    memory().then((figures) => response.json(figures), next);
  });
  RED.httpAdmin.get('/faults/tally', (_request, response) => response.json(tally));
  RED.httpAdmin.post('/faults/reset', (_request, response) => {
    reset();
    response.json({});
  });
};
