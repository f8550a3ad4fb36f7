import { explainPush } from '#operations/explain-push.ts';
import { ok, route } from '../../route.ts';
import { explanationObject } from './from-model.ts';
import { explainInput, explainOutput } from './schema.ts';

export const explainRoutes = [
  route({
    method: 'POST',
    path: '/repos/{owner}/{repo}/explain',
    access: { who: 'signed-in', capability: 'any' },
    summary: 'The verdict that a push would get, without the push. Write access for oneself, admin for others.',
    body: explainInput,
    output: explainOutput,
    handle: async ({ context, caller, params, body }) => {
      const as = body.as == null ? null : 'user' in body.as ? { user: body.as.user } : { tokenId: body.as.token_id };
      const question = {
        as,
        via: body.via ?? 'git-http',
        bypassReason: body.reason ?? null,
        updates: body.updates.map((update) => ({ ref: update.ref, old: update.old, new: update.new })),
      };
      return ok(explanationObject(await explainPush(context, caller, { owner: params.owner, name: params.repo }, question)));
    },
  }),
];
