/** A process of its own, since whom Node trusts beyond its own list is read at its start: connects to `URL`, and prints whether it could. */
import { ClientSocket } from '../../src/client/client';
import { TestLog } from './sockets';

const { URL, CA } = process.env;
const client = new ClientSocket(1, () => ({ URL, caFile: CA }), {}, new TestLog());
void client.start({}, { timeout: 10 }).then(async ({ success, errorStr }) => {
  await client.clear();
  console.log(success ? 'true' : errorStr);
});
