const { burstCounter } = require('../sequence.cjs');

// Takes the messages of a burst, and sends on one report after the last: to whoever sent the burst.
module.exports = (RED) => {
  RED.nodes.registerType('bench-count', function (def) {
    RED.nodes.createNode(this, def);
    const count = burstCounter(def.messages);
    this.on('input', (msg, send, done) => {
      const { payload } = msg;
      // A batch is a list of messages; ours are events with the text in `str`, the core nodes' are bare texts.
      for (const one of Array.isArray(payload) ? payload : [payload]) {
        const report = count(typeof one === 'string' ? one : one.str);
        if (report) send(answer(msg, one, JSON.stringify(report)));
      }
      done();
    });
  });
};

const answer = (msg, one, text) => ({ ...msg, payload: typeof one === 'string' ? text : { client: one.client, message: text } });
