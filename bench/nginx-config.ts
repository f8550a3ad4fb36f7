/** One address under which git http-backend answers, with settings of its own. */
interface Location {
  /** First segment of its URLs. */
  readonly name: string;
  /** What fcgiwrap runs. */
  readonly script: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface NginxSettings {
  readonly folder: string;
  readonly port: number;
  readonly socket: string;
  readonly repositories: string;
  readonly locations: readonly Location[];
}

/** As Debian ships it, with as many workers as there are cores and no limit on what is pushed; everything it writes lies in the folder. */
export function nginxConfig({ folder, port, socket, repositories, locations }: NginxSettings): string {
  const temporary = ['client_body', 'fastcgi', 'proxy', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  return [
    // Started as root its workers would give that up, and could not reach the socket.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'daemon off;',
    'worker_processes auto;',
    `pid ${folder}/nginx.pid;`,
    'events { worker_connections 768; }',
    'http {',
    '  sendfile on;',
    '  tcp_nopush on;',
    '  access_log off;',
    '  client_max_body_size 0;',
    ...temporary.map((line) => `  ${line}`),
    '  server {',
    `    listen 127.0.0.1:${port};`,
    ...locations.flatMap((location) => locationBlock(location, socket, repositories)),
    '  }',
    '}',
    '',
  ].join('\n');
}

function locationBlock({ name, script, parameters }: Location, socket: string, repositories: string): string[] {
  const all: Record<string, string> = {
    SCRIPT_FILENAME: script,
    GIT_PROJECT_ROOT: repositories,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: '$1',
    QUERY_STRING: '$query_string',
    REQUEST_METHOD: '$request_method',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    REMOTE_ADDR: '$remote_addr',
    // Whoever has a name may push.
    REMOTE_USER: 'bench',
    ...parameters,
  };
  return [
    `    location ~ ^/${name}(/.*)$ {`,
    ...Object.entries(all).map(([key, value]) => `      fastcgi_param ${key} "${value}";`),
    `      fastcgi_pass unix:${socket};`,
    '    }',
  ];
}
