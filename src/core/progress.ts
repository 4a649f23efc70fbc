/** Whose certificate it is, in words that go into a sentence. */
export type CertificateWords = {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601; as the certificate has it where it is not a date. */
  readonly validTo: string;
};

interface Steps {
  /** The name was found. Not for an address, which needs no look-up. */
  name: { readonly host: string; readonly address: string };
  /** The proxy has opened a tunnel to the server. */
  proxy: { readonly proxy: string };
  tcp: { readonly address: string; readonly port: number };
  /** The server's, as it was shown: before it is verified. For a server its own. */
  certificate: CertificateWords;
  /** The end of that certificate's validity is not a date. */
  unreadableDate: Nothing;
  /** The TLS handshake ended well. */
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
  /** The server closed the connection that it had opened. */
  closed: { readonly code: number; readonly reason: string };
  listening: { readonly uri: string };
  /** The port is in use by the very server whose options are tried. */
  own: { readonly port: number };
  /** The same of a path of a shared server. */
  ownPath: { readonly path: string };
}
type Nothing = Readonly<Record<string, never>>;
type Reported<S> = { readonly [N in keyof S]: { readonly step: N; readonly values: S[N] } }[keyof S];

/** How far an opening handshake has come, told as it happens. Pure: the editor puts each into a sentence. */
export type Progress = Reported<Steps>;
export type Watch = (progress: Progress) => void;
/** What a try of options tells. */
export type Step = Reported<ProbeSteps>;
