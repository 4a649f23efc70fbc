/** Connects to `URL` and prints the result. It is a separate process, because Node.js reads the additional trusted CAs at its start. */
import { ClientSocket } from '../../src/client/client';
import { TestLog } from './sockets';

const { URL, CA } = process.env;
const client = new ClientSocket(1, () => ({ URL, caFile: CA }), {}, new TestLog());
void client.start({}, { timeout: 10 }).then(async ({ success, errorStr }) => {
  await client.clear();
  console.log(success ? 'true' : errorStr);
});
