import { contentRows } from './content.ts';
import { hookRows } from './hooks.ts';
import { organizationRows } from './organizations.ts';
import { accountRows } from './people.ts';
import { pullRows } from './pulls.ts';
import { protectionRows, repositoryRows } from './repositories.ts';
import type { Row } from './stage.ts';

/** Who is there, and what holds for them. */
export const rowsOfSettings: readonly Row[] = [...accountRows, ...organizationRows, ...repositoryRows, ...protectionRows];

/** What they do with it, and who is told. */
export const rowsOfWork: readonly Row[] = [...contentRows, ...hookRows, ...pullRows];

/** Every operation that changes something: audit-entries.test.ts fails where one is missing. */
export const rows: readonly Row[] = [...rowsOfSettings, ...rowsOfWork];
