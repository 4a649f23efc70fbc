/** The options of the command line tools, as far as they say how to connect. Pure. */
import type { Draft } from './draft';

/** Takes the value of an option. Absent: the option is read and has no meaning for a client. @returns false if the value cannot be used. */
type Take = (draft: Draft, value: string) => boolean;

export interface Tool {
  /** Options without a value. */
  readonly flags: Readonly<Record<string, Take | 'ignored'>>;
  /** Options with a value. */
  readonly valued: Readonly<Record<string, Take | 'ignored' | 'refused'>>;
}

/** Declares the same for several options, which are separated by blanks. */
const each = <T>(names: string, what: T): Record<string, T> => Object.fromEntries(names.split(' ').map((name) => [name, what]));

const header: Take = (draft, value) => draft.header(value);
const login: Take = (draft, value) => draft.login(value);
const url: Take = (draft, value) => draft.url(value);
const key: Take = (draft, value) => draft.set('keyFile', value);
const passphrase: Take = (draft, value) => draft.set('passphrase', value);
const certificate: Take = (draft, value) => draft.certificate(value);
const authorities: Take = (draft, value) => draft.authorities(value);
const subProtocol: Take = (draft, value) => draft.subProtocol(value);
const unverified: Take = (draft) => draft.unverified();
const headerNamed =
  (name: string): Take =>
  (draft, value) =>
    draft.setHeader(name, value);
/** Without `=`, it is the name of a file. */
const cookie: Take = (draft, value) => value.includes('=') && draft.setHeader('Cookie', value);

const curl: Tool = {
  flags: {
    ...each('-k --insecure', unverified),
    ...each(
      '-i --include -N --no-buffer -v --verbose -s --silent -S --show-error -L --location -g --globoff -f --fail -# --progress-bar -G --get',
      'ignored' as const,
    ),
    ...each('--compressed --http1.1 --no-progress-meter --location-trusted --basic --path-as-is', 'ignored' as const),
  },
  valued: {
    '--url': url,
    ...each('-H --header', header),
    ...each('-u --user', login),
    ...each('-E --cert', certificate),
    '--key': key,
    '--pass': passphrase,
    '--cacert': authorities,
    '--ciphers': (draft, value) => draft.set('ciphers', value),
    ...each('-A --user-agent', headerNamed('User-Agent')),
    ...each('-e --referer', headerNamed('Referer')),
    ...each('-b --cookie', cookie),
    '--oauth2-bearer': (draft, value) => draft.setHeader('Authorization', `Bearer ${value}`),
    ...each('-X --request -o --output -w --write-out -D --dump-header -T --upload-file --trace --trace-ascii --stderr', 'ignored' as const),
    ...each('-d --data --data-raw --data-binary --data-ascii --data-urlencode --json -F --form --form-string', 'refused' as const),
    ...each(
      '-x --proxy --preproxy -U --proxy-user --proxy-header --noproxy --socks4 --socks4a --socks5 --socks5-hostname',
      'refused' as const,
    ),
    ...each('-m --max-time --connect-timeout --retry --retry-delay --retry-max-time --max-redirs --keepalive-time', 'refused' as const),
    ...each(
      '--resolve --connect-to --interface --local-port --unix-socket --abstract-unix-socket --dns-servers --doh-url',
      'refused' as const,
    ),
    ...each('--cert-type --key-type --capath --crlfile --pinnedpubkey --tls13-ciphers --tls-max --curves --engine', 'refused' as const),
    ...each('-c --cookie-jar -K --config -C --continue-at -r --range -z --time-cond -Y --speed-limit -y --speed-time', 'refused' as const),
    ...each('-P --ftp-port -Q --quote -t --telnet-option --limit-rate --max-filesize --netrc-file --aws-sigv4', 'refused' as const),
  },
};

const wscat: Tool = {
  flags: {
    ...each('-n --no-check', unverified),
    ...each('-P --show-ping-pong -L --location --slash --no-color', 'ignored' as const),
  },
  valued: {
    ...each('-c --connect', url),
    ...each('-H --header', header),
    '--auth': login,
    ...each('-s --subprotocol', subProtocol),
    ...each('-o --origin', headerNamed('Origin')),
    '--cert': certificate,
    '--key': key,
    '--ca': authorities,
    '--passphrase': passphrase,
    ...each('-x --execute -w --wait', 'ignored' as const),
    ...each('-l --listen -p --protocol --host --proxy --max-redirects', 'refused' as const),
  },
};

const websocat: Tool = {
  flags: {
    ...each('-k --insecure', unverified),
    ...each('-v -q -t --text -b --binary -n -E --exit-on-eof -1 --one-message --no-close -S --strict -U -u -0', 'ignored' as const),
    ...each('--no-line --jsonrpc --null-terminated -vv', 'ignored' as const),
  },
  valued: {
    ...each('-H --header', header),
    '--basic-auth': login,
    '--protocol': subProtocol,
    '--origin': headerNamed('Origin'),
    '--ping-interval': (draft, value) => draft.ping(value),
    ...each('-B --buffer-size --max-messages --max-messages-rev', 'ignored' as const),
    ...each('--ping-timeout --close-reason --close-status-code --basic-auth-file --header-to-env --tls-domain', 'refused' as const),
    ...each(
      '--client-pkcs12-der --client-pkcs12-passwd --ws-c-uri --socks5 --server-protocol --server-header --restrict-uri',
      'refused' as const,
    ),
    ...each(
      '--pkcs12-der --pkcs12-passwd --max-parallel-conns --static-file -F --conncap --autoreconnect-delay-millis',
      'refused' as const,
    ),
  },
};

export const tools: Readonly<Record<string, Tool>> = { curl, wscat, websocat };
