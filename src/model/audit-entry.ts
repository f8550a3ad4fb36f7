import type { Via } from './actor.ts';

/** Who did it, as the record keeps it: names as they were, so that a later rename does not rewrite history. */
export interface AuditActor {
  /** Null for the operator at the command line, for the server itself, and where nobody was known. */
  readonly id: number | null;
  readonly login: string;
  readonly kind: 'user' | 'robot' | 'app' | 'deploy-key' | 'operator' | 'server' | 'anonymous';
}

export interface AuditSubject {
  readonly organization?: { readonly id: number; readonly login: string };
  readonly repository?: { readonly id: number; readonly fullName: string; readonly isPublic: boolean };
  readonly user?: { readonly id: number; readonly login: string };
  readonly team?: { readonly id: number; readonly slug: string };
}

export type OperationType = 'create' | 'modify' | 'access' | 'remove' | 'authentication' | 'transfer' | 'restore';

/** What happened, before the log gave it a number, a time and its place in the chain. Actions are named as in spec/github.md 5. */
export interface NewAuditEntry extends AuditSubject {
  readonly action: string;
  readonly operation: OperationType;
  readonly actor: AuditActor;
  readonly via: Via | 'cli';
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly token: { readonly id: number; readonly name: string; readonly scopes: readonly string[]; readonly kind: string } | null;
  /** `git` entries are left out of a listing unless asked for. */
  readonly category: 'web' | 'git';
  readonly bypass: boolean;
  /** What the action's own fields are. Never a secret. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends NewAuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly number: number;
  readonly at: number;
}

/** The end of the chain, signed by the server's key after each append (decision 32). */
export interface AuditHead {
  readonly number: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly at: number;
  /** Ed25519, base64. */
  readonly signature: string;
}
