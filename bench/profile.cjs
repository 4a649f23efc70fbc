// Loaded into a profiled peer: SIGWINCH begins a CPU profile, and the next one writes it to the folder. Node-RED and
// Node.js use SIGUSR1 and SIGUSR2 themselves.
const { writeFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { join } = require('node:path');

const session = new Session();
session.connect();
session.post('Profiler.enable');
let begun = 0;
let running = false;

process.on('SIGWINCH', () => {
  if (!running) session.post('Profiler.start');
  else {
    session.post('Profiler.stop', (_error, { profile }) => {
      writeFileSync(join(process.env.BENCH_PROFILE, `${process.pid}-${++begun}.cpuprofile`), JSON.stringify(profile));
    });
  }
  running = !running;
});
