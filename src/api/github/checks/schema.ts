import { Type } from 'typebox';
import { OneOf, Optional } from '../schemas.ts';

export const statusBody = Type.Object({
  state: OneOf('error', 'failure', 'pending', 'success'),
  target_url: Optional(Type.String()),
  description: Optional(Type.String({ maxLength: 140 })),
  context: Optional(Type.String({ minLength: 1, maxLength: 255 })),
});

const conclusions = OneOf('action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'stale', 'timed_out');

const common = {
  details_url: Optional(Type.String()),
  external_id: Optional(Type.String()),
  status: Optional(OneOf('queued', 'in_progress', 'completed')),
  started_at: Optional(Type.String()),
  conclusion: Optional(conclusions),
  completed_at: Optional(Type.String()),
  output: Optional(
    Type.Object({
      title: Optional(Type.String()),
      summary: Optional(Type.String({ maxLength: 65_535 })),
      text: Optional(Type.String({ maxLength: 65_535 })),
    }),
  ),
};

export const newCheckRunBody = Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }), head_sha: Type.String(), ...common });

export const checkRunChangesBody = Type.Object({ name: Optional(Type.String({ minLength: 1, maxLength: 255 })), ...common });
