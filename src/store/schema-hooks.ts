import type { Generated } from 'kysely';

type Flag = 0 | 1;

/** Hooks, what they are to be told and what they were told. */
export interface HookTables {
  hook: {
    id: Generated<number>;
    repository_id: number | null;
    organization_id: number | null;
    url: string;
    content_type: 'json' | 'form';
    insecure_ssl: Flag;
    sealed_secret: string | null;
    events: string;
    active: Flag;
    created_at: number;
    updated_at: number;
    last_code: number | null;
    last_status: string | null;
  };
  outbox: {
    id: Generated<number>;
    at: number;
    repository_id: number | null;
    owner_id: number;
    hook_id: number | null;
    sender_id: number | null;
    tidings: string;
  };
  hook_delivery: {
    id: Generated<number>;
    hook_id: number;
    guid: string;
    event: string;
    action: string | null;
    repository_id: number | null;
    payload: string;
    redelivery: Flag;
    state: 'waiting' | 'delivered' | 'failed';
    attempts: number;
    created_at: number;
    /** Null: never again. */
    due_at: number | null;
    claimed_until: number | null;
    outcome: string | null;
  };
}
