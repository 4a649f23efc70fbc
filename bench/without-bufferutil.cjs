// Loaded before a peer that is measured without bufferutil: hides it. The `ws` 7 of the core nodes has no variable for it.
const Module = require('node:module');

const load = Module._load;
Module._load = function (request, ...others) {
  if (request === 'bufferutil') throw Object.assign(new Error('bufferutil is hidden for this measurement'), { code: 'MODULE_NOT_FOUND' });
  return load.call(this, request, ...others);
};
