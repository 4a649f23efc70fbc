// Settings of the measured Node-RED: those of the tests, with the node that counts, and TLS if a row requires it.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const settings = require('../scripts/settings.cjs');

const { certFile, keyFile } = JSON.parse(process.env.BENCH_CERTIFICATE || '{}');
module.exports = {
  ...settings,
  nodesDir: [...settings.nodesDir, join(__dirname, 'node')],
  ...(certFile && { https: { cert: readFileSync(certFile), key: readFileSync(keyFile) } }),
};
