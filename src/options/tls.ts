import { fields } from './field';

/** The TLS options of both sides (contract, section 7). */
export const tlsOptions = fields({
  tls: {
    kind: 'boolean',
    label: 'TLS',
    help: 'Servers: speak TLS; certFile and keyFile are then needed. Clients: changes nothing, the scheme wss:// decides.',
    default: false,
    section: 'security',
  },
  certFile: {
    kind: 'pem',
    label: 'Certificate',
    help:
      'The certificate to show to the peer, and its chain: path of a PEM file, or PEM text. ' +
      'Servers take up changed files, of the key and the CAs too, without a restart.',
    section: 'security',
  },
  keyFile: {
    kind: 'pem',
    label: 'Private key',
    help: 'The private key of the certificate: path of a PEM file, or PEM text.',
    section: 'security',
  },
  passphrase: {
    kind: 'text',
    label: 'Passphrase',
    help: 'Opens an encrypted private key. Kept with the credentials.',
    section: 'security',
    credential: 'password',
  },
  caFile: {
    kind: 'ca',
    label: 'Trusted CAs',
    help:
      'Who may vouch for the peer: path of a PEM file, PEM text, SYSTEM for the default trust, or NONE. ' +
      'Clients: NONE verifies nothing; the default is SYSTEM. ' +
      'Servers: absent or NONE asks for no client certificate, anything else demands one.',
    section: 'security',
  },
  ciphers: {
    kind: 'text',
    label: 'Ciphers',
    help: "An OpenSSL cipher list; empty or DEFAULT for Node.js's own. TLS 1.2 is the least in any case.",
    section: 'security',
    rare: true,
  },
  tlsConfig: {
    kind: 'tlsConfig',
    label: 'TLS configuration',
    help: 'A TLS configuration node that stands for the certificate, key, passphrase, trusted CAs and ciphers. On a server it turns TLS on.',
    section: 'security',
    formOnly: true,
    added: true,
  },
});
