// Settings of the Node-RED under test: those of the tests, with the node that counts and measures.
const { join } = require('node:path');
const settings = require('../../scripts/settings.cjs');

module.exports = { ...settings, nodesDir: [...settings.nodesDir, join(__dirname, 'node')] };
