// Hides bufferutil from a peer that is measured without it. The `ws` 7 of the core nodes has no variable for this.
const Module = require('node:module');

const load = Module._load;
Module._load = function (request, ...others) {
  if (request === 'bufferutil') throw Object.assign(new Error('bufferutil is hidden for this measurement'), { code: 'MODULE_NOT_FOUND' });
  return load.call(this, request, ...others);
};
