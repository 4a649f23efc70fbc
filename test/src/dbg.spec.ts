import { probeClient } from '../../src/socket/probe-client';
import { read } from '../../src/options/read';
import { clientOptions } from '../../src/options/client';
import { certs } from '../helpers/certs';
import { wsServer } from '../helpers/peers';
import { client } from '../helpers/sockets';
import { tidy } from '../helpers/tidy';
describe('d', () => { afterEach(tidy);
it('x', async () => {
    const { cert, key } = certs().server;
    const { url } = await wsServer({ tls: { cert, key } });
    for (let i=0;i<3;i++) console.log(await probeClient({ ...read(clientOptions, {caFile: certs().ca.certFile}), URL: url }, 2, new AbortController().signal, (s) => console.log(s)));
    console.log(await client({URL: url, caFile: certs().ca.certFile}).start());
}); });
