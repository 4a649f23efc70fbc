/**
 * Groups Node's error codes (errno, getaddrinfo) by the network failure that they mean. Clients and proxies have their own sentences for
 * each group.
 */
export const networkErrors = {
  notFound: /^(ENOTFOUND|EAI_|ENODATA)/,
  refused: /^ECONNREFUSED$/,
  unreachable: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)$/,
  closed: /^(ECONNRESET|EPIPE|ECONNABORTED)$/,
} as const;
