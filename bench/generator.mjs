// The load generator, a process of its own: takes jobs, one at a time, and answers with what it measured.
import { loads } from './loads/index.mjs';

process.on('uncaughtException', ({ message }) => process.send({ error: `The load generator failed: ${message}` }));

process.on('message', async ({ load, ...job }) => {
  try {
    process.send({ result: await loads[load](job) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
