/** Says what somebody gave instead of the PEM that was asked for. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { derLength, type PemBlock } from './pem';

/** The content of other PEM blocks, by label. */
const otherBlocks: Readonly<Record<string, string>> = {
  'PUBLIC KEY': 'a public key',
  'RSA PUBLIC KEY': 'a public key',
  'CERTIFICATE REQUEST': 'a certificate signing request (CSR), which a CA has still to turn into a certificate',
  'NEW CERTIFICATE REQUEST': 'a certificate signing request (CSR), which a CA has still to turn into a certificate',
  PKCS7: 'a PKCS#7 bundle, which "openssl pkcs7 -print_certs" turns into PEM certificates',
  CMS: 'a PKCS#7 bundle, which "openssl pkcs7 -print_certs" turns into PEM certificates',
  'X509 CRL': 'a list of revoked certificates (CRL)',
  'DH PARAMETERS': 'Diffie-Hellman parameters',
  'EC PARAMETERS': 'the parameters of a key',
  'OPENSSH PRIVATE KEY': 'a key of OpenSSH, which "ssh-keygen -p -m PEM" turns into a PEM key',
  'SSH2 PUBLIC KEY': 'a public key of SSH',
};

/** Returns a clause that says what a PEM text without the wanted block holds. */
export function heldInstead(blocks: readonly PemBlock[], wanted: 'certificate' | 'key'): string {
  // Parameters precede the key that they belong to.
  const { label, problem } = blocks.find((block) => block.label !== 'EC PARAMETERS') ?? (blocks[0] as PemBlock);
  if (!label) return problem as string;
  const isCertificate = label.endsWith('CERTIFICATE');
  const isKey = label.endsWith('PRIVATE KEY') && !(label in otherBlocks);
  const held = isCertificate ? 'a certificate' : isKey ? 'a private key' : (otherBlocks[label] ?? `a block named ${label}`);
  return `it holds ${held}, and no ${wanted === 'key' ? 'private key' : wanted}`;
}

/** Beginnings of texts, and what such a file is. */
const beginnings: readonly (readonly [beginning: string, clause: string])[] = [
  ['ssh-', 'it is a public key of SSH'],
  ['ecdsa-', 'it is a public key of SSH'],
  ['PuTTY-User-Key-File', 'it is a key of PuTTY, which PuTTYgen exports as an OpenSSH key'],
  ['<', 'it is an HTML or XML page, and no PEM text'],
  ['{', 'it is JSON, and no PEM text'],
];

const javaKeyStore = Buffer.from('feedfeed', 'hex');
const pkcs7 = Buffer.from('06092a864886f70d010702', 'hex');

/** Returns a clause that says what a file without any PEM text is. */
export function kindOfFile(bytes: Buffer, text: string): string {
  if (derLength(bytes) !== undefined) return kindOfDer(bytes);
  if (bytes.subarray(0, 4).equals(javaKeyStore)) return 'it is a Java key store, from which "keytool -exportcert -rfc" takes PEM';
  const head = text.slice(0, 200).trimStart();
  const known = beginnings.find(([beginning]) => head.startsWith(beginning));
  if (known) return known[1];
  const isBase64 = /^[A-Za-z0-9+/=\s]{40,}$/.test(head);
  if (isBase64 && derLength(Buffer.from(head, 'base64')) !== undefined) {
    return 'it is the inside of a PEM text, without its first and last line';
  }
  return /BEGIN [A-Z]/.test(head) ? 'its first and last line do not have five hyphens before and after the words' : 'it holds no PEM text';
}

function kindOfDer(der: Buffer): string {
  if (der.subarray(0, 40).includes(pkcs7)) {
    return 'it is a PKCS#7 bundle in binary form, which "openssl pkcs7 -inform DER -print_certs" turns into PEM certificates';
  }
  if (isReadable(() => new X509Certificate(der))) {
    return 'it is a certificate in binary form (DER), which "openssl x509 -inform DER" turns into PEM';
  }
  const types = ['pkcs8', 'pkcs1', 'sec1'] as const;
  if (types.some((type) => isReadable(() => createPrivateKey({ key: der, format: 'der', type })))) {
    return 'it is a private key in binary form (DER), which "openssl pkey -inform DER" turns into PEM';
  }
  const content = der[1] !== undefined && der[1] > 0x80 ? 2 + (der[1] & 0x7f) : 2;
  // The first element of a PKCS#12 file is its version, 3.
  return der.toString('hex', content, content + 3) === '020103'
    ? 'it is a PKCS#12 file (.p12, .pfx): name it in a TLS configuration node of Node-RED 5, or let "openssl pkcs12 -nodes" turn it into PEM'
    : 'it is in a binary form (DER), and no PEM text';
}

function isReadable(read: () => unknown): boolean {
  try {
    return Boolean(read());
  } catch {
    return false;
  }
}
