import { highestRung, lowestRung, type Rung, rungs } from '#model/rung.ts';
import type { AppPermissions } from '#model/token.ts';

/** All paths by which a user reaches a repository; live rows only. */
export interface RungPaths {
  readonly isPersonalOwner: boolean;
  readonly direct: number | null;
  readonly organization: number | null;
  readonly basePermission: number;
  readonly teams: readonly { readonly level: number; readonly grant: number }[];
}

/**
 * The highest of all paths (spec/model.md section 6): a row of one's own, the level in the organization with the owner's base
 * permission, and each team's grant, capped by the level in that team.
 */
export function effectiveRung({ isPersonalOwner, direct, organization, basePermission, teams }: RungPaths): Rung {
  return highestRung([
    isPersonalOwner ? 50 : 0,
    direct === null ? 0 : asRung(direct),
    organization === null ? 0 : highestRung([asRung(organization), asRung(basePermission)]),
    ...teams.map(({ level, grant }) => lowestRung(asRung(level), asRung(grant))),
  ]);
}

/** A level from outside the ladder (GitLab has 15) acts as the rung below it. */
export function asRung(level: number): Rung {
  return highestRung(rungs.filter((rung) => rung <= level));
}

/** What an app reaches by its permissions; it is never a person, so rung 40 gives it no exemption. */
export function rungOfApp(permissions: AppPermissions): Rung {
  if (permissions['administration'] === 'write') return 40;
  if (permissions['contents'] === 'write') return 30;
  return permissions['contents'] === 'read' ? 20 : 10;
}
