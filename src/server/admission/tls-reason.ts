import { codeOf, messageOf } from '../../core/errors';

/** Returns why a TLS handshake failed, as the rest of a sentence. */
export function tlsReason(error: Error): string {
  const code = codeOf(error);
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
    return `the client sent no certificate, and caFile or the TLS configuration node requires one (${code}).`;
  if (code === 'ERR_SSL_HTTP_REQUEST') return `the client does not speak TLS; it must use wss:// (${code}).`;
  if (/CERT|VERIFY|SELF_SIGNED|UNABLE_TO/.test(code)) return `the certificate is not accepted (${code}).`;
  return `${code || messageOf(error)}.`;
}
