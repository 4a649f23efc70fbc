// The load generator, a separate process: runs one job at a time, and returns its measurements.
import { loads } from './loads/index.mjs';

process.on('uncaughtException', ({ message }) => process.send({ error: `The load generator failed: ${message}` }));

process.on('message', async ({ load, ...job }) => {
  try {
    process.send({ result: await loads[load](job) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
