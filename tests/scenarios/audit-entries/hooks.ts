import { randomUUID } from 'node:crypto';
import { createHook, type HookInput } from '#operations/hooks/create-hook.ts';
import { deleteHook } from '#operations/hooks/delete-hook.ts';
import type { HookOwnerKey } from '#operations/hooks/hook-access.ts';
import { pingHook, redeliver, testHook } from '#operations/hooks/tell-hook.ts';
import { updateHook } from '#operations/hooks/update-hook.ts';
import type { AuditStage, Row } from './stage.ts';

/** Never in any entry. */
export const hookSecret = 'between the two of us';

const acme = { organization: 'acme' } as const;

function newInput(): HookInput {
  const url = `https://192.0.2.7/${randomUUID()}?token=${hookSecret.replaceAll(' ', '+')}`;
  return { url, contentType: 'json', insecureSsl: false, secret: hookSecret, events: ['push'], active: true };
}

async function newHook(stage: AuditStage, key: HookOwnerKey = acme): Promise<number> {
  return (await createHook(stage.context, await stage.by(stage.cast.owner), key, newInput())).hook.id;
}

export const hookRows: readonly Row[] = [
  {
    operation: 'hooks/create-hook.ts createHook',
    what: 'an organization gets a hook',
    async ready(stage) {
      const by = await stage.by(stage.cast.owner);
      const data = { events: ['push'], url: 'https://192.0.2.7', content_type: 'json', has_secret: true };
      return { by, ask: (context) => createHook(context, by, acme, newInput()), entries: [{ action: 'hook.create', data }] };
    },
  },
  {
    operation: 'hooks/update-hook.ts updateHook',
    what: 'a hook leads elsewhere, hears something else, and is switched off',
    async ready(stage) {
      const [by, id] = [await stage.by(stage.cast.owner), await newHook(stage)];
      const changes = { url: 'https://192.0.2.8/x', secret: { set: null }, events: ['status'], active: false };
      const entries = [
        {
          action: 'hook.config_changed',
          data: {
            hook_id: id,
            url: 'https://192.0.2.8',
            old_url: 'https://192.0.2.7',
            has_secret: false,
            secret_changed: true,
          },
        },
        { action: 'hook.events_changed', data: { events: ['status'], old_events: ['push'] } },
        { action: 'hook.active_changed', data: { active: false, old_active: true } },
      ];
      return { by, ask: (context) => updateHook(context, by, acme, id, changes), entries };
    },
  },
  {
    operation: 'hooks/delete-hook.ts deleteHook',
    what: 'a hook is removed',
    async ready(stage) {
      const [by, id] = [await stage.by(stage.cast.owner), await newHook(stage)];
      return { by, ask: (context) => deleteHook(context, by, acme, id), entries: [{ action: 'hook.destroy', data: { hook_id: id } }] };
    },
  },
  {
    operation: 'hooks/tell-hook.ts pingHook',
    what: 'a hook is pinged',
    async ready(stage) {
      const [by, id] = [await stage.by(stage.cast.owner), await newHook(stage)];
      return { by, ask: (context) => pingHook(context, by, acme, id), entries: [{ action: 'hook.ping', data: { hook_id: id } }] };
    },
  },
  {
    operation: 'hooks/tell-hook.ts testHook',
    what: 'a repository’s hook is tested',
    async ready(stage) {
      const key = { repository: (await stage.repository()).key };
      const [by, id] = [await stage.by(stage.cast.owner), await newHook(stage, key)];
      return { by, ask: (context) => testHook(context, by, key, id), entries: [{ action: 'hook.test', data: { hook_id: id } }] };
    },
  },
  {
    operation: 'hooks/tell-hook.ts redeliver',
    what: 'a delivery is sent again',
    async ready(stage) {
      const [by, id] = [await stage.by(stage.cast.owner), await newHook(stage)];
      const sent = { hookId: id, guid: randomUUID(), event: 'ping', action: null, repositoryId: null, payload: '{}', isRedelivery: false };
      const [delivery] = await stage.context.store.write((tx) => tx.deliveries.insertDeliveries([sent]));
      const entries = [{ action: 'hook.redeliver', data: { hook_id: id, redelivers: delivery!.id, event: 'ping' } }];
      return { by, ask: (context) => redeliver(context, by, acme, id, delivery!.id), entries };
    },
  },
];
