// Settings of the Node-RED that is measured: the tests', with the node that counts, and with TLS where a row asks for it.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const settings = require('../scripts/settings.cjs');

const { certFile, keyFile } = JSON.parse(process.env.BENCH_CERTIFICATE || '{}');
module.exports = {
  ...settings,
  nodesDir: [...settings.nodesDir, join(__dirname, 'node')],
  ...(certFile && { https: { cert: readFileSync(certFile), key: readFileSync(keyFile) } }),
};
