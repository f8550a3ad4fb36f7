import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf } from '../support/api.ts';
import type { Persona } from '../support/personas.ts';
import { freePort } from '../support/ports.ts';
import { openSql } from '../support/sql.ts';
import { ChildServer } from './child-server.ts';
import type { Fault } from './server-process.ts';
import { type Stage, setStage } from './stage.ts';

let count = 0;

interface Node extends AsyncDisposable {
  readonly server: ChildServer;
  /** Somebody who uses the server through this node. */
  readonly as: (persona: Persona) => Persona;
  /** Ends its sessions, as a database does that hears nothing from it any more. */
  readonly cutOff: () => Promise<void>;
}

/** One database, one folder of repositories, and as many server processes over them as a test starts. */
export interface Shared extends AsyncDisposable {
  readonly stage: Stage;
  readonly start: (options?: { fault?: Fault; silence?: number }) => Promise<Node>;
}

export async function openShared({ uses }: { uses: number }): Promise<Shared> {
  const stage = await setStage('postgres', { uses });
  const { config } = stage.server;
  const stageHost = new URL(stage.server.url).host;
  await stage.server.stop();
  return {
    stage,
    async start(options = {}) {
      const port = await freePort();
      const name = `node-${++count}`;
      const database = `${config.database}&application_name=${name}`;
      const server = await ChildServer.start({ ...config, database, listen: { host: '127.0.0.1', port } }, options);
      return {
        server,
        as: (persona) => ({
          ...persona,
          api: apiOf(server.url, persona.token),
          remote: (repository) => persona.remote(repository).replace(stageHost, new URL(server.url).host),
        }),
        async cutOff() {
          await using sql = await openSql(config.database!);
          await sql.run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${name}'`);
        },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}

/** Until a process stands still, as the operating system says. */
export async function untilFrozen({ pid }: ChildServer): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')) return;
    await sleep(10);
  }
}
