import { ownerVariable } from './orphans.ts';

/** Where git's own needs live; all of it outside any repository. */
export interface GitFolders {
  /** Search path for the git program. */
  readonly path: string;
  /** An empty folder: git's HOME, so that no configuration of the machine is read. */
  readonly home: string;
  /** A folder whose only hook refuses pushes that do not come through the server. */
  readonly hooks: string;
  /** What these processes work for (a data folder, or a server that shares one): by it those are found that a killed server left behind. */
  readonly owner: string;
}

/**
 * Settings of every git process (spec/push-path.md section 6). Given through the environment, so they override whatever a
 * repository's own configuration says and reach git's children.
 */
const settings: readonly (readonly [key: string, value: string])[] = [
  ['safe.directory', '*'],
  ['receive.unpackLimit', '1'],
  ['transfer.unpackLimit', '1'],
  ['transfer.fsckObjects', 'true'],
  ['core.bigFileThreshold', '16m'],
  ['pack.windowMemory', '256m'],
  ['pack.threads', '2'],
  ['receive.autogc', 'false'],
  ['receive.advertisePushOptions', 'true'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // No repository borrows objects from another, so nothing of another may be offered.
  ['core.alternateRefsPrefixes', 'refs/sallyport/none/'],
  ['core.fsync', 'loose-object,pack,pack-metadata,reference'],
  ['core.fsyncMethod', 'batch'],
  ['core.logAllRefUpdates', 'always'],
  ['receive.denyCurrentBranch', 'ignore'],
  ['receive.denyDeleteCurrent', 'refuse'],
  ['receive.shallowUpdate', 'false'],
  ['transfer.hideRefs', 'refs/sallyport'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpackfilter.allow', 'false'],
  ['uploadpackfilter.blob:none.allow', 'true'],
  ['uploadpackfilter.blob:limit.allow', 'true'],
  ['uploadpackfilter.tree.allow', 'true'],
  ['uploadpackfilter.tree.maxDepth', '1'],
  ['uploadpack.allowTipSHA1InWant', 'false'],
  ['uploadpack.allowReachableSHA1InWant', 'false'],
  ['uploadpack.allowAnySHA1InWant', 'false'],
  ['transfer.advertiseObjectInfo', 'false'],
];

/** The whole environment of a git process: nothing of the server's own leaks in. */
export function gitEnvironment(folders: GitFolders): Record<string, string> {
  const all = [...settings, ['core.hooksPath', folders.hooks] as const];
  return {
    PATH: folders.path,
    HOME: folders.home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    // A delta of some kilobytes may unfold to any size, and only blobs that are no deltas are streamed. The table of a pack of 10 million
    // objects still fits.
    GIT_ALLOC_LIMIT: '1g',
    // A pushed refs/replace/<id> would show git another commit than the one that is judged.
    GIT_NO_REPLACE_OBJECTS: '1',
    [ownerVariable]: folders.owner,
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(
      all.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}
