// The small process that starts git for the server; runner.ts says why. It reads and writes nothing that is git's: it connects the two.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname } from 'node:path';

/** What the server says first. */
export interface Opening {
  /** Where it listens, in a folder of its own, which goes when the server has gone. */
  readonly address: string;
  /** Of every process. */
  readonly environment: Readonly<Record<string, string>>;
  /** How many places are kept ready. */
  readonly places: number;
}

/** A place is three connections to the server, which become the standard streams of one process. */
export type Order =
  | { readonly place: number; readonly args: readonly string[]; readonly environment: Readonly<Record<string, string>> }
  | { readonly place: number; readonly signal: NodeJS.Signals };

export type News = { readonly place: number } & ({ readonly code: number | null } | { readonly failure: string });

export const streams = ['stdin', 'stdout', 'stderr'] as const;

if (process.argv[1] === import.meta.filename) process.once('message', serve);

function serve({ address, environment, places }: Opening): void {
  const ready = new Map<number, Socket[]>();
  const running = new Map<number, (signal: NodeJS.Signals) => void>();
  let opened = 0;
  const open = (): void => {
    const place = opened++;
    ready.set(
      place,
      streams.map((stream) => connect(address, `${place} ${stream}\n`)),
    );
  };
  const start = (place: number, args: readonly string[], extra: Readonly<Record<string, string>>): void => {
    const sockets = ready.get(place) as [Socket, Socket, Socket];
    ready.delete(place);
    const child = spawn('git', [...args], { stdio: sockets, env: { ...environment, ...extra } });
    // The process has them now; while they are open here too, nobody would see it close them.
    for (const socket of sockets) socket.destroy();
    running.set(place, (signal) => child.kill(signal));
    const tell = (news: News): void => {
      running.delete(place);
      process.send?.(news);
    };
    child.once('error', ({ message: failure }) => tell({ place, failure }));
    child.once('exit', (code) => tell({ place, code }));
    open();
  };
  process.on('message', (order: Order) => {
    if ('signal' in order) running.get(order.place)?.(order.signal);
    else start(order.place, order.args, order.environment);
  });
  // A terminal, or whoever stops a service, tells all processes of it. The server ends when its work is done, and then this.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.once('disconnect', () => {
    rmSync(dirname(address), { recursive: true, force: true });
    process.exit();
  });
  for (let count = 0; count < places; count++) open();
}

/** Paused before it is connected it never reads: every byte that comes is git's. */
function connect(address: string, line: string): Socket {
  const socket = new Socket().pause();
  socket.on('error', () => socket.destroy());
  socket.connect(address).write(line);
  return socket;
}
