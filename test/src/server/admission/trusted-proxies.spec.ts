import assert from 'node:assert/strict';
import { TrustedProxies } from '../../../../src/server/admission/trusted-proxies';

const at = (remoteAddress: string | undefined, remotePort = 4711) => ({ remoteAddress, remotePort });

describe('Proxies', () => {
  describe('the client', () => {
    const rows: [
      title: string,
      trusted: string[],
      from: string | undefined,
      forwarded: string | undefined,
      ip?: string | undefined,
      port?: number,
    ][] = [
      ['is who connects, where nobody is trusted', [], '10.0.0.1', '192.0.2.7', '10.0.0.1', 4711],
      ['is who connects, where it is not trusted', ['10.0.0.1'], '10.0.0.2', '192.0.2.7', '10.0.0.2', 4711],
      ['is a trusted one that says nothing', ['10.0.0.1'], '10.0.0.1', undefined, '10.0.0.1', 4711],
      ['is whom a trusted one names', ['10.0.0.1'], '10.0.0.1', '192.0.2.7', '192.0.2.7'],
      ['is whom one of a trusted network names', ['10.0.0.0/8'], '10.200.0.1', '192.0.2.7', '192.0.2.7'],
      ['is whom a trusted one names by IPv6', ['::1'], '::1', '2001:DB8::7', '2001:db8::7'],
      ['is whom a trusted network of IPv6 names', ['fd00::/8'], 'fd12::1', '192.0.2.7', '192.0.2.7'],
      ['is whom a link-local one names', ['fe80::/10'], 'fe80::1%eth0', '192.0.2.7', '192.0.2.7'],
      ['is whom a trusted one on an IPv4-mapped address names', ['127.0.0.1'], '::ffff:127.0.0.1', '192.0.2.7', '192.0.2.7'],
      ['is the last that is not trusted, whatever it claims', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 192.0.2.7', '192.0.2.7'],
      ['is looked for behind all trusted ones', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 192.0.2.7, 10.0.0.3,10.0.0.2', '192.0.2.7'],
      ['is the first, where all are trusted', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
      ['has a port, where a proxy says so', ['10.0.0.1'], '10.0.0.1', '192.0.2.7:1234', '192.0.2.7', 1234],
      ['has a port of IPv6, where a proxy says so', ['10.0.0.1'], '10.0.0.1', '[2001:db8::7]:1234', '2001:db8::7', 1234],
      ['may be in brackets', ['10.0.0.1'], '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
      ['is shown as IPv4, where it is IPv4-mapped', ['10.0.0.1'], '10.0.0.1', '::ffff:192.0.2.7', '192.0.2.7'],
      ['is the proxy, where it names nobody', ['10.0.0.1'], '10.0.0.1', 'unknown', '10.0.0.1', 4711],
      ['is the nearest proxy that is known, where one names nobody', ['10.0.0.0/8'], '10.0.0.1', 'unknown, 10.0.0.2', '10.0.0.2'],
      ['is the proxy, where the header is empty', ['10.0.0.1'], '10.0.0.1', '', '10.0.0.1', 4711],
      ['is anyone whom anyone names, where all the world is trusted', ['0.0.0.0/0'], '192.0.2.1', '1.1.1.1', '1.1.1.1'],
      ['is nobody, where the connection has gone', ['0.0.0.0/0', '::/0'], undefined, '1.1.1.1', undefined, 4711],
    ];
    for (const [title, trusted, from, forwarded, remoteIp, remotePort] of rows) {
      it(title, () => assert.deepEqual(new TrustedProxies(trusted).client(at(from), forwarded), { remoteIp, remotePort }));
    }
  });

  describe('the host', () => {
    const rows: [title: string, from: string, forwarded: string | undefined, host: string][] = [
      ['is that of the request', '10.0.0.9', undefined, 'inside:8080'],
      ['is that of the request, whatever a stranger says', '10.0.0.9', 'public.example', 'inside:8080'],
      ['is that of the request, where the proxy says nothing', '10.0.0.1', undefined, 'inside:8080'],
      ['is that of the request, where the proxy says nothing in many words', '10.0.0.1', ' ', 'inside:8080'],
      ['is what the proxy says', '10.0.0.1', 'public.example', 'public.example'],
      ['is what the first proxy says', '10.0.0.1', 'public.example, middle.example', 'public.example'],
    ];
    for (const [title, from, forwarded, host] of rows) {
      it(title, () => assert.equal(new TrustedProxies(['10.0.0.1']).host(at(from), 'inside:8080', forwarded), host));
    }
  });
});
