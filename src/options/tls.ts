import { fields } from './field';

/** The TLS options of both sides (contract, section 7). */
export const tlsOptions = fields({
  tls: {
    kind: 'boolean',
    label: 'TLS',
    icon: 'shield',
    help: 'Server: enable TLS (wss://), which requires a certificate and a private key. Client: no effect, because the URL decides (wss://).',
    default: false,
    section: 'security',
  },
  certFile: {
    kind: 'pem',
    label: 'Certificate',
    icon: 'certificate',
    help:
      'Certificate to present to the peer, with its chain: a PEM file path or PEM text. ' +
      'Servers reload changed certificate, key and CA files without a restart.',
    section: 'security',
    replacedBy: 'tlsConfig',
    sameHost: true,
  },
  keyFile: {
    kind: 'pem',
    label: 'Private key',
    icon: 'key',
    help: 'Private key of the certificate: a PEM file path or PEM text.',
    section: 'security',
    replacedBy: 'tlsConfig',
    sameHost: true,
  },
  passphrase: {
    kind: 'text',
    label: 'Passphrase',
    icon: 'lock',
    help: 'Passphrase of an encrypted private key. Stored as a credential.',
    section: 'security',
    replacedBy: 'tlsConfig',
    sameHost: true,
    credential: 'password',
  },
  caFile: {
    kind: 'ca',
    label: 'Trusted CAs',
    icon: 'university',
    help:
      'CAs trusted to verify the peer: a PEM file path, PEM text, SYSTEM (system trust store) or NONE. ' +
      'Client: NONE disables verification; default SYSTEM. ' +
      'Server: empty or NONE requests no client certificate; any other value requires one.',
    section: 'security',
    replacedBy: 'tlsConfig',
  },
  ciphers: {
    kind: 'text',
    label: 'Ciphers',
    icon: 'random',
    help: 'OpenSSL cipher list for TLS 1.2; empty or DEFAULT for that of Node.js. The ciphers of TLS 1.3 are not limited by it. TLS 1.2 is always the minimum.',
    section: 'security',
    replacedBy: 'tlsConfig',
    rare: true,
  },
  tlsConfig: {
    kind: 'tlsConfig',
    label: 'TLS configuration',
    help:
      'A TLS configuration node to use instead of certificate, key, passphrase, trusted CAs and ciphers. On a server it also enables TLS. ' +
      'It requires client certificates only if it has a CA certificate and Verify server certificate is selected in it.',
    section: 'security',
    formOnly: true,
    added: true,
  },
});
