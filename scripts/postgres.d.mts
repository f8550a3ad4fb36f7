/** Where a PostgreSQL listens, and how to stop it. */
export function startPostgres(options?: {
  readonly durable?: boolean;
}): Promise<{ readonly folder: string; readonly stop: () => Promise<void> }>;
