/** Which of Node's error codes (errno, getaddrinfo) say the same of a network: each failure has a sentence of its own for them. */
export const networkErrors = {
  notFound: /^(ENOTFOUND|EAI_|ENODATA)/,
  refused: /^ECONNREFUSED$/,
  unreachable: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)$/,
  closed: /^(ECONNRESET|EPIPE|ECONNABORTED)$/,
} as const;
