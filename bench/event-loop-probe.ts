// Preloaded into the server that is measured: tells over the channel to its parent how long the event loop stood still between `start` and `stop`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Milliseconds beyond the one between two looks. */
export interface EventLoopStops {
  readonly p999: number;
  readonly longest: number;
}

const resolution = 1;

if (isMainThread && process.send !== undefined) {
  // Looking costs processor time, so it looks only when it is asked to.
  const delay = monitorEventLoopDelay({ resolution });
  process.on('message', (asked) => {
    if (asked === 'start') {
      delay.reset();
      delay.enable();
    } else {
      delay.disable();
      process.send?.({ p999: beyond(delay.percentile(99.9)), longest: beyond(delay.max) } satisfies EventLoopStops);
    }
  });
  // The server ends when it is asked to, not when the parent hangs up.
  process.channel?.unref();
}

function beyond(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolution);
}
