import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** What the server counts. No names of people or repositories in it: whoever scrapes metrics need not see those. */
export class Metrics {
  readonly #registry = new Registry();

  readonly requests = new Counter({
    name: 'sallyport_requests_total',
    help: 'API requests by dialect, method and status.',
    labelNames: ['dialect', 'method', 'status'] as const,
    registers: [this.#registry],
  });
  readonly requestSeconds = new Histogram({
    name: 'sallyport_request_seconds',
    help: 'Time until an API request was answered.',
    labelNames: ['dialect'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.#registry],
  });
  readonly refUpdates = new Counter({
    name: 'sallyport_ref_updates_total',
    help: 'Ref updates by pushes, by what became of them.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });
  readonly pushSeconds = new Histogram({
    name: 'sallyport_push_seconds',
    help: 'Time from the first byte of a push to its report.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.#registry],
  });
  readonly failedLogins = new Counter({
    name: 'sallyport_failed_logins_total',
    help: 'Credentials that were refused.',
    registers: [this.#registry],
  });

  constructor(gitProcesses: () => number) {
    collectDefaultMetrics({ register: this.#registry, prefix: 'sallyport_' });
    new Gauge({
      name: 'sallyport_git_processes_started',
      help: 'Git processes started since the server started.',
      registers: [this.#registry],
      collect() {
        this.set(gitProcesses());
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
