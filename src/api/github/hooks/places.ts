import type { HookOwnerKey } from '#operations/hooks/hook-access.ts';
import type { Access } from '../../route.ts';
import { repositoryKey } from '../repositories/repository-key.ts';

/** Hooks of repositories and of organizations are one thing under two paths. */
export interface HookPlace {
  readonly path: string;
  readonly of: 'repository' | 'organization';
  readonly access: Access;
  /** Where each operation is documented. */
  readonly docs: Readonly<
    Record<
      | ('list' | 'create' | 'get' | 'update' | 'delete' | 'ping')
      | ('getConfig' | 'updateConfig')
      | ('listDeliveries' | 'getDelivery' | 'redeliver'),
      string
    >
  >;
  readonly keyOf: (params: object) => HookOwnerKey;
}

export const hookPlaces: readonly HookPlace[] = [
  {
    path: '/repos/{owner}/{repo}/hooks',
    of: 'repository',
    access: { who: 'signed-in', capability: 'any' },
    docs: {
      list: 'repos/webhooks#list-repository-webhooks',
      create: 'repos/webhooks#create-a-repository-webhook',
      get: 'repos/webhooks#get-a-repository-webhook',
      update: 'repos/webhooks#update-a-repository-webhook',
      delete: 'repos/webhooks#delete-a-repository-webhook',
      ping: 'repos/webhooks#ping-a-repository-webhook',
      getConfig: 'repos/webhooks#get-a-webhook-configuration-for-a-repository',
      updateConfig: 'repos/webhooks#update-a-webhook-configuration-for-a-repository',
      listDeliveries: 'repos/webhooks#list-deliveries-for-a-repository-webhook',
      getDelivery: 'repos/webhooks#get-a-delivery-for-a-repository-webhook',
      redeliver: 'repos/webhooks#redeliver-a-delivery-for-a-repository-webhook',
    },
    keyOf: (params) => ({ repository: repositoryKey(params as Parameters<typeof repositoryKey>[0]) }),
  },
  {
    path: '/orgs/{org}/hooks',
    of: 'organization',
    access: { who: 'signed-in', capability: 'org-hook:administer' },
    docs: {
      list: 'orgs/webhooks#list-organization-webhooks',
      create: 'orgs/webhooks#create-an-organization-webhook',
      get: 'orgs/webhooks#get-an-organization-webhook',
      update: 'orgs/webhooks#update-an-organization-webhook',
      delete: 'orgs/webhooks#delete-an-organization-webhook',
      ping: 'orgs/webhooks#ping-an-organization-webhook',
      getConfig: 'orgs/webhooks#get-a-webhook-configuration-for-an-organization',
      updateConfig: 'orgs/webhooks#update-a-webhook-configuration-for-an-organization',
      listDeliveries: 'orgs/webhooks#list-deliveries-for-an-organization-webhook',
      getDelivery: 'orgs/webhooks#get-a-webhook-delivery-for-an-organization-webhook',
      redeliver: 'orgs/webhooks#redeliver-a-delivery-for-an-organization-webhook',
    },
    keyOf: (params) => ({ organization: (params as { readonly org: string }).org }),
  },
];
