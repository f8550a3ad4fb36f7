export type DatabaseKind = 'sqlite' | 'postgres';

/** Which server, under which settings. `floor` is git as installed; `synced` is the same with our `core.fsync`. */
export type TargetName = 'floor' | 'synced' | 'ours';

/** One bare repository on one of the servers. */
export interface Remote {
  readonly url: string;
  /** As the server has it on disk. */
  readonly path: string;
  /** What a client sends with every request; the same work for it everywhere. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that can be measured. */
export interface Target {
  readonly name: TargetName;
  createRepository(): Promise<Remote>;
  removeRepository(remote: Remote): Promise<void>;
  /** Processor time in seconds that the server and its git processes have used so far. */
  cpuSeconds(): Promise<number>;
  /** The same repository, at the address where `cpuSeconds` sees everything. Not for taking times. */
  forCpu(remote: Remote): Remote;
  /** The same repository, asked with a token for which every path of every commit has to be known, where there is such a thing. */
  boundToPaths(remote: Remote): Remote;
}
