import { webSocketUrl } from '../client/redirects';

/** The hosts that a URL in a call may name. */
export interface Hosts {
  /** Returns whether a URL names one of them. A text that is not a URL names none. */
  allows(url: unknown): boolean;
}

/** Parses hosts separated by commas, each with or without a port: `plc.example.com, 10.0.0.7:8080, [::1]:80`. */
export function parseHosts(text: string): Hosts {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map((entry) => /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [entry, entry])
    .map(([, host = '', port]) => ({ host, port }));
  return {
    allows(given) {
      const url = urlOf(given);
      if (!url) return false;
      const port = url.port || (url.protocol === 'wss:' ? '443' : '80');
      return entries.some((entry) => entry.host === url.hostname.toLowerCase() && (entry.port === undefined || entry.port === port));
    },
  };
}

function urlOf(given: unknown): URL | undefined {
  if (given instanceof URL) return given;
  if (typeof given !== 'string') return undefined;
  try {
    return webSocketUrl(given.trim());
  } catch {
    return undefined;
  }
}
