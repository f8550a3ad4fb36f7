import type { Rung } from '#model/rung.ts';

/** GitHub's five roles on our ladder (spec/model.md section 6). */
const levels = { pull: 20, triage: 25, push: 30, maintain: 35, admin: 40 } as const;

export type Permission = keyof typeof levels;

const permissions = Object.keys(levels) as readonly Permission[];

export function levelOf(permission: Permission): number {
  return levels[permission];
}

export function permissionOf(level: number): Permission {
  return permissions.findLast((name) => levels[name] <= level) ?? 'pull';
}

/** What a role allows, flag by flag. */
export function permissionFlags(rung: Rung | number) {
  return { admin: rung >= 40, maintain: rung >= 35, push: rung >= 30, triage: rung >= 25, pull: rung >= 20 };
}

/** The name a role has beside its flags: `read` and `write` for pull and push. */
export function roleName(rung: number): string {
  if (rung < 20) return 'none';
  const name = permissionOf(rung);
  return name === 'pull' ? 'read' : name === 'push' ? 'write' : name;
}

/** The older four-step scale: maintain counts as write, triage as read. */
export function legacyPermission(rung: number): 'admin' | 'write' | 'read' | 'none' {
  if (rung >= 40) return 'admin';
  if (rung >= 30) return 'write';
  return rung >= 20 ? 'read' : 'none';
}
