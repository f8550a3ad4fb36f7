/** Something that `serve` can be told: by `SALLYPORT_NAME` in the environment, and unless `environmentOnly` also by `--name`. */
interface ServeOption {
  /** What stands for the value in the help; empty: a switch. */
  readonly argument: string;
  readonly help: string;
  readonly environmentOnly?: true;
}

/** Everything that there is to set. `config.ts` reads no name that is not here; help and reference are made of it (decision 29). */
export const serveOptions = {
  data: { argument: 'DIR', help: 'where everything is kept (default: ./data)' },
  host: { argument: 'H', help: 'address to listen on (default: 127.0.0.1)' },
  port: { argument: 'N', help: 'port to listen on (default: 7420)' },
  'ssh-port': { argument: 'N|off', help: 'port for Git over SSH; not served yet, any value is accepted (default: 7422)' },
  'unix-socket': { argument: 'PATH', help: 'listen on a unix socket instead' },
  'tls-cert': { argument: 'FILE', help: 'certificate chain in PEM; with --tls-key, serves HTTPS' },
  'tls-key': { argument: 'FILE', help: 'its private key' },
  database: { argument: 'postgres://…', help: 'PostgreSQL instead of SQLite; several servers may share it' },
  'public-url': { argument: 'URL', help: 'how clients reach the server, if not as it listens' },
  demo: { argument: '', help: 'seed an empty folder with something to try' },
  'master-key-file': {
    argument: 'FILE',
    help: 'key that seals stored secrets; must be given with PostgreSQL (default: DATA/master.key, made at the first start)',
    environmentOnly: true,
  },
  'max-push-bytes': { argument: 'N', help: 'largest push in bytes (default: 2 GiB)', environmentOnly: true },
  'requests-per-hour': {
    argument: 'N',
    help: 'API requests and pushes of one account; 0: no limit (default: 15000)',
    environmentOnly: true,
  },
  'trusted-proxies': {
    argument: 'A,B',
    help: 'addresses of proxies whose X-Forwarded-For is believed (default: none)',
    environmentOnly: true,
  },
  'webhook-allow': {
    argument: 'CIDR,CIDR',
    help: 'networks that webhooks may reach although they are not public (default: none)',
    environmentOnly: true,
  },
  'metrics-host': {
    argument: 'HOST[:PORT]',
    help: 'serve /metrics on an address of its own (default: with everything else; port 7421)',
    environmentOnly: true,
  },
  enterprise: { argument: 'SLUG', help: 'name in /enterprises/{slug} (default: sallyport)', environmentOnly: true },
  'log-level': { argument: 'LEVEL', help: 'fatal, error, warn, info, debug, trace or silent (default: info)', environmentOnly: true },
} as const satisfies Readonly<Record<string, ServeOption>>;

export type ServeOptionName = keyof typeof serveOptions;

/** Those that may be given as flags, in the order of the help. */
export const serveFlags: readonly (ServeOption & { readonly name: string })[] = Object.entries<ServeOption>(serveOptions)
  .map(([name, option]) => ({ name, ...option }))
  .filter(({ environmentOnly }) => environmentOnly !== true);

export function environmentName(option: string): string {
  return `SALLYPORT_${option.toUpperCase().replaceAll('-', '_')}`;
}
