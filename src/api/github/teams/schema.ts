import { Type } from 'typebox';
import { Id, OneOf, Optional } from '../schemas.ts';

const common = {
  description: Optional(Type.String()),
  privacy: Optional(OneOf('secret', 'closed')),
  notification_setting: Optional(OneOf('notifications_enabled', 'notifications_disabled')),
  permission: Optional(OneOf('pull', 'push', 'admin', 'triage', 'maintain')),
  parent_team_id: Optional(Id),
};

export const newTeamBody = Type.Object({
  name: Type.String(),
  ...common,
  maintainers: Optional(Type.Array(Type.String())),
  repo_names: Optional(Type.Array(Type.String())),
});

export const teamChangesBody = Type.Object({ name: Optional(Type.String()), ...common });

export const teamRepositoryBody = Type.Object({ permission: Optional(OneOf('pull', 'triage', 'push', 'maintain', 'admin')) });
