import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { machineAddress } from '../../nodes/runtime/machine-address';

const info = (address: string, internal = false) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;

describe('the address of the machine', () => {
  it('is the first IPv4 address that others reach', () => {
    const interfaces = {
      lo: [info('127.0.0.1', true)],
      a: [info('fe80::1'), info('169.254.3.4')],
      b: undefined,
      c: [info('192.168.1.7'), info('10.0.0.1')],
    };
    assert.equal(machineAddress(interfaces), '192.168.1.7');
  });

  it('is empty without a network', () => assert.equal(machineAddress({ lo: [info('127.0.0.1', true)] }), ''));
});
