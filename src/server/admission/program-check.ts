import type { IncomingHttpHeaders } from 'node:http';
import { canonicalOrigin } from '../../options/addresses';

/** Headers that browsers send with an upgrade, and the libraries of devices do not. No page can add or remove one of them. */
const browserHeaders = /^(accept-(encoding|language)|cache-control|cookie|dnt|pragma|priority|sec-(ch|fetch|gpc)\b.*)$/;
const browserAgent = /mozilla|webkit|gecko|chrom|safari|firefox|opera/i;
/** Headers of proxies. A proxy may drop the headers of a browser, and some replace its User-Agent. */
const proxyHeaders = /^(via|forwarded|x-forwarded-.*|x-real-ip|x-amz-cf-id|cf-ray)$/;

/**
 * Returns whether a request with an Origin is certainly from a program and not from a web page. Two signs are needed. It has no header that
 * browsers send. And it has an Origin that no browser writes, the host that it connects to as its Origin, or a User-Agent that no
 * browser has.
 *
 * Some libraries send an Origin of their own: `file://` (arduinoWebSockets), or the URL of the library with its path (ArduinoWebsockets).
 *
 * @param namesHost its Origin is the host that it connects to. The loopback rule refuses such a page, and some libraries write that.
 */
export function isProgram(headers: IncomingHttpHeaders, origin: string, isBehindProxy: boolean, namesHost = false): boolean {
  const agent = headers['user-agent']?.trim() ?? '';
  if (browserAgent.test(agent.slice(0, longestRead))) return false;
  let isProxied = isBehindProxy;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (browserHeaders.test(name)) return false;
    isProxied ||= proxyHeaders.test(name);
  }
  const named = canonicalOrigin(origin);
  // A list, which two headers make, may have the origin of a page in it.
  if (named === undefined) return /^[\x21-\x2b\x2d-\x7e]+$/.test(origin);
  return !isProxied && (named === 'file://' || namesHost || agent !== '');
}

/** The number of characters of a User-Agent that are read. */
const longestRead = 1000;
