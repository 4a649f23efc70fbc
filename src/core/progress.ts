/** The fields of a certificate as text for a sentence. */
export type CertificateWords = {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601; if it is not a date, the text in the certificate. */
  readonly validTo: string;
};

interface Steps {
  /** The name was resolved. Not reported for an IP address, which needs no DNS query. */
  name: { readonly host: string; readonly address: string };
  /** The proxy has opened a tunnel to the server. */
  proxy: { readonly proxy: string };
  tcp: { readonly address: string; readonly port: number };
  /** The server's certificate as received, before it is verified. For a server, its own certificate. */
  certificate: CertificateWords;
  /** The end of the certificate's validity is not a date. */
  unreadableDate: Nothing;
  /** The TLS handshake is complete. */
  tls: { readonly protocol: string };
  http: { readonly status: number; readonly text: string };
  redirect: { readonly url: string };
}
interface ProbeSteps extends Steps {
  expired: { readonly validTo: string };
  /** The client did not verify the certificate. */
  unverified: Nothing;
  protocol: { readonly protocol: string };
  compressed: Nothing;
  uncompressed: Nothing;
  pong: { readonly ms: number };
  noPong: { readonly seconds: number };
  /** A step of the opening conversation has sent its message. `step` is counted from 1; the message has no secrets. */
  said: Said;
  /** A step has received the message that it awaits. */
  heard: Said;
  /** The message of the test was sent. */
  sent: Nothing;
  notSent: { readonly reason: string };
  /** A message of the peer after that, without secrets. */
  answered: { readonly message: string };
  noAnswer: { readonly seconds: number };
  /** The opening conversation has ended. */
  conversed: Nothing;
  /** The server closed the connection after it was open. */
  closed: { readonly code: number; readonly reason: string };
  listening: { readonly uri: string };
  /** The port is in use by the server whose options are tested. */
  own: { readonly port: number };
  /** The path of a shared server is in use by the server whose options are tested. */
  ownPath: { readonly path: string };
}
type Said = { readonly step: number; readonly message: string };
type Nothing = Readonly<Record<string, never>>;
type Reported<S> = { readonly [N in keyof S]: { readonly step: N; readonly values: S[N] } }[keyof S];

/** The steps of an opening handshake, reported as they happen. Pure, because the editor makes a sentence of each. */
export type Progress = Reported<Steps>;
export type Watch = (progress: Progress) => void;
/** The steps that a test of options reports. */
export type Step = Reported<ProbeSteps>;
