import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { environmentName, type ServeOptionName } from './serve-options.ts';

/** How a server was told to run. */
export interface Config {
  readonly data: string;
  readonly listen: { readonly host: string; readonly port: number } | { readonly unixSocket: string };
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** `postgres://…`; null: SQLite in the data folder. */
  readonly database: string | null;
  /** As clients reach the server, without a trailing slash; null: as it listens. */
  readonly publicUrl: string | null;
  readonly metricsHost: string | null;
  readonly enterprise: string;
  readonly masterKeyFile: string | null;
  readonly maximumPushBytes: number;
  /** Requests of one account in an hour; 0: no limit. */
  readonly requestsPerHour: number;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Networks in CIDR notation that webhooks may reach although they are not public. */
  readonly webhookAllow: readonly string[];
  readonly logLevel: string;
  readonly demo: boolean;
  /** Where programs are found. */
  readonly path: string;
}

/** Something in flags or environment cannot be. Said to the operator as it is. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** Flags by their long names, without the dashes. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const twoGigabytes = 2 * 1024 ** 3;

/** One validated object from flags and `SALLYPORT_*`; flags win. The only reader of the environment (decision 29). */
export function readConfig(flags: Flags, environment: NodeJS.ProcessEnv = process.env): Config {
  const text = (name: ServeOptionName): string | null => {
    const flag = flags[name];
    if (typeof flag === 'string') return flag;
    const value = environment[environmentName(name)];
    return value === undefined || value === '' ? null : value;
  };
  const number = (name: ServeOptionName, otherwise: number, maximum: number): number => {
    const value = text(name);
    if (value === null) return otherwise;
    if (!/^\d+$/.test(value) || Number(value) > maximum)
      throw new ConfigError(`${name} is a number up to ${maximum}, not ${JSON.stringify(value)}`);
    return Number(value);
  };
  const unixSocket = text('unix-socket');
  const cert = text('tls-cert');
  const key = text('tls-key');
  if ((cert === null) !== (key === null)) throw new ConfigError('tls-cert and tls-key go together');
  const database = text('database');
  if (database !== null && !/^postgres(ql)?:\/\//.test(database)) throw new ConfigError('database is a postgres:// URL');
  const masterKeyFile = text('master-key-file');
  if (database !== null && masterKeyFile === null)
    throw new ConfigError('with a PostgreSQL database, SALLYPORT_MASTER_KEY_FILE must name the master key that all servers share');
  const data = text('data') ?? './data';
  if (data === '') throw new ConfigError('data is a folder');
  const logLevel = text('log-level') ?? 'info';
  if (!logLevels.includes(logLevel)) throw new ConfigError(`log-level is one of ${logLevels.join(', ')}`);
  return {
    data: resolve(data),
    listen:
      unixSocket === null ? { host: text('host') ?? '127.0.0.1', port: number('port', 7420, 65_535) } : { unixSocket: resolve(unixSocket) },
    tls: cert !== null && key !== null ? { cert: resolve(cert), key: resolve(key) } : null,
    database,
    publicUrl: publicUrlOf(text('public-url')),
    metricsHost: text('metrics-host'),
    enterprise: slug(text('enterprise') ?? 'sallyport'),
    masterKeyFile: masterKeyFile === null ? null : resolve(masterKeyFile),
    maximumPushBytes: number('max-push-bytes', twoGigabytes, Number.MAX_SAFE_INTEGER),
    requestsPerHour: number('requests-per-hour', 15_000, Number.MAX_SAFE_INTEGER),
    trustedProxies: addresses(text('trusted-proxies')),
    webhookAllow: networks(text('webhook-allow')),
    logLevel,
    demo: flags['demo'] === true || text('demo') === 'true',
    path: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  };
}

function publicUrlOf(value: string | null): string | null {
  if (value === null) return null;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.pathname !== '/') {
    throw new ConfigError(`public-url is http(s)://host[:port], not ${JSON.stringify(value)}`);
  }
  return url.origin;
}

function slug(value: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,38}$/.test(value)) throw new ConfigError('enterprise has lower-case letters, digits and hyphens');
  return value;
}

function addresses(value: string | null): string[] {
  const list = (value ?? '').split(',').filter((one) => one !== '');
  const wrong = list.filter((one) => isIP(one) === 0);
  if (wrong.length > 0) throw new ConfigError(`trusted-proxies are addresses, not ${wrong.join(', ')}`);
  return list;
}

function networks(value: string | null): string[] {
  const list = (value ?? '').split(',').filter((one) => one !== '');
  const wrong = list.filter((one) => {
    const [address = '', prefix = '', ...rest] = one.split('/');
    const family = isIP(address);
    return family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128);
  });
  if (wrong.length > 0) throw new ConfigError(`webhook-allow are networks like 10.0.0.0/8, not ${wrong.join(', ')}`);
  return list;
}
