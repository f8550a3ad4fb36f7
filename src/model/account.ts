/** Anything that can own repositories or act: people, robots (also the bots of apps) and organizations share one name space. */
interface AccountBase {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  /** Milliseconds since 1970, as every time in the model. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A person, or a robot that a person made (then `maker`), or the bot of an app (then `app`). */
export interface User extends AccountBase {
  readonly kind: 'user' | 'robot';
  readonly email: string | null;
  readonly siteAdmin: boolean;
  readonly state: 'active' | 'suspended';
  readonly maker: number | null;
  readonly app: number | null;
}

export interface Organization extends AccountBase {
  readonly kind: 'organization';
  readonly description: string | null;
  /** The rung that every member has in every repository: 0, 20, 30 or 40. */
  readonly basePermission: number;
}

export type Account = User | Organization;

export interface Team {
  readonly id: number;
  readonly organizationId: number;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly privacy: 'secret' | 'closed';
  readonly notificationSetting: 'notifications_enabled' | 'notifications_disabled';
  /** The rung that a repository gets when it is added without one. */
  readonly defaultRung: number;
  readonly parentId: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** 10 to 50: GitHub's `member` is 10 in an organization and 40 in a team, `admin` and `maintainer` are 50. */
export interface Membership {
  readonly userId: number;
  readonly level: number;
  /** Milliseconds since 1970; null: for ever. */
  readonly expiresAt: number | null;
}

/** What a membership gives now; 0 where there is none, or none any more. */
export function liveLevel(membership: Membership | null, now: number): number {
  if (membership === null) return 0;
  return membership.expiresAt === null || membership.expiresAt > now ? membership.level : 0;
}
