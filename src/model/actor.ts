/**
 * How a request came in, fixed at authentication (decision 3). `web` is a session cookie, `api` a token on REST,
 * `git-http` a token on smart HTTP, `git-ssh` a user or deploy key, `server` the server itself on behalf of an actor.
 */
export type Via = 'web' | 'api' | 'git-http' | 'git-ssh' | 'server';

export type Who =
  | {
      /** `robot`: an account that a person made for automation. `app`: an installed app; the id is the app's. */
      readonly kind: 'user' | 'robot' | 'app';
      readonly id: number;
      readonly siteAdmin: boolean;
      /** Users who answer for this actor: reviews by them and by their robots count as one person. */
      readonly responsible: readonly number[];
    }
  | { readonly kind: 'deploy-key'; readonly id: number; readonly creator: number };

interface Credential {
  readonly kind: 'token' | 'ssh-key' | 'cookie' | 'job';
  readonly id: number;
}

/** Who is asking, through what, and with which credential. Only the credential of *this* request counts. */
export interface Actor {
  readonly who: Who;
  readonly via: Via;
  readonly credential: Credential;
  /** The site admin who acts as `who`; such an actor has no waivers. */
  readonly sudoBy?: number;
}

/** By which door a ref update came in; judged beside `via` where a rule tells them apart (spec/model.md section 1). */
export type Means = 'push' | 'ref-api' | 'contents' | 'merge' | 'auto-merge' | 'fork-sync' | 'rename' | 'landing';
