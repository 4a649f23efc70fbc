// Settings of the Node-RED of `npm start` and the tests: local, quiet, and without requests to the internet.
module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT || 1880),
  flowFile: 'flows.json',
  credentialSecret: process.env.NODE_RED_CREDENTIAL_SECRET || 'a secret for a demo only',
  nodesDir: process.env.NODE_RED_NODES_DIR ? [process.env.NODE_RED_NODES_DIR] : [],
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, projects: { enabled: false }, palette: { catalogues: [] } },
  logging: { console: { level: process.env.NODE_RED_LOG || 'info', metrics: false, audit: false } },
};
