import type { FieldError, Problem } from '#model/problem.ts';
import type { Reply, RequestProblem, Route } from '../route.ts';
import { ABOUT_PROTECTED_BRANCHES, documentationUrl } from './media.ts';
import { refusedReply } from './refused.ts';

/** Turns what an operation refused into GitHub's status and body (spec/github.md 1.0, 6.2, appendix C). */
export function problemReply(problem: Problem, route: Route): Reply {
  const say = (status: number, message: string, extra: Record<string, unknown> = {}): Reply =>
    error(status, message, documentationUrl(route.operation), extra);
  switch (problem.kind) {
    case 'not-found':
      if (route.operation === 'commits/commits#get-a-commit' && problem.what === 'commit')
        return say(422, notFoundMessage('commit', problem.name));
      return say(404, notFoundByOperation[route.operation ?? ''] ?? notFoundMessage(problem.what, problem.name));
    case 'forbidden':
      if (problem.needs.startsWith('an app with')) return say(403, 'Resource not accessible by integration');
      return route.hidesForbidden === true ? say(404, 'Not Found') : say(403, forbiddenMessage(problem.needs, route));
    case 'unauthenticated':
      return say(401, unauthenticatedMessage(problem.why));
    case 'conflict':
      return say(409, problem.why);
    case 'invalid':
      return invalidReply(problem.errors, route, say);
    case 'not-enabled':
      return say(404, notEnabled[problem.what] ?? 'Not Found');
    case 'archived':
      return say(403, 'Repository was archived so is read-only.');
    case 'refused':
      return refusedReply(problem, route, (status, message, extra) => error(status, message, ABOUT_PROTECTED_BRANCHES, extra));
    case 'ref-conflict':
      return say(409, `${problem.refName}: ${problem.why}`);
    case 'too-large':
      return say(406, `Sorry, the ${problem.what} is too large to be shown.`);
    case 'unavailable':
      return say(503, problem.why);
    default:
      return problem satisfies never;
  }
}

export function requestProblemReply(problem: RequestProblem): Reply {
  const say = (status: number, message: string, headers: Record<string, string> = {}): Reply => ({
    ...error(status, message, documentationUrl(undefined)),
    headers,
  });
  switch (problem.kind) {
    case 'unknown-route':
      return say(404, 'Not Found');
    case 'method-not-allowed':
      return say(404, 'Not Found', { allow: problem.allowed.join(', ') });
    case 'malformed-body':
      return say(400, 'Problems parsing JSON');
    case 'body-not-object':
      return say(400, 'Body should be a JSON object');
    case 'body-too-large':
      return say(413, 'Payload Too Large');
    case 'unsupported-accept':
      return say(415, `Unsupported 'Accept' header: '${problem.accept}'. Must accept 'application/json'.`);
    case 'rate-limited':
      return say(403, 'API rate limit exceeded. Please wait before you try again.', { 'retry-after': String(problem.resetSeconds) });
    case 'too-many-failures':
      return say(403, 'Maximum number of login attempts exceeded. Please try again later.', {
        'retry-after': String(problem.retrySeconds),
      });
    case 'credentials-conflict':
      return say(400, 'Use one way to authenticate: a session or a token, not both.');
    case 'internal':
      return say(500, `Server Error: please report request ${problem.requestId} to your administrator.`);
    default:
      return problem satisfies never;
  }
}

export function error(status: number, message: string, documentation_url: string, extra: Record<string, unknown> = {}): Reply {
  return { status, body: { message, ...extra, documentation_url, status: String(status) } };
}

const notFoundTexts: Readonly<Record<string, (name: string) => string>> = {
  branch: () => 'Branch not found',
  'branch protection': () => 'Branch not protected',
  'target branch': (name) => `Branch ${name} not found`,
  'merge base': () => 'Base does not exist',
  'merge head': () => 'Head does not exist',
  commit: (name) => (name === '' ? 'Not Found' : `No commit found for SHA: ${name}`),
  'commit of a ref': (name) => `No commit found for the ref ${name}`,
  'content of an empty repository': () => 'This repository is empty.',
};

const notFoundByOperation: Readonly<Record<string, string>> = {
  'orgs/members#check-organization-membership-for-a-user': 'User does not exist or is not a member of the organization',
};

function notFoundMessage(what: string, name = ''): string {
  return notFoundTexts[what]?.(name) ?? 'Not Found';
}

const notEnabled: Readonly<Record<string, string>> = {
  required_status_checks: 'Required status checks not enabled',
  actor_restriction: 'Push restrictions not enabled',
  pull_request: 'Pull request reviews protection is not enabled',
};

/** Where the sentence says what push access is needed for. */
const pushAccessFor: Readonly<Record<string, string>> = {
  'collaborators/collaborators#list-repository-collaborators': 'Must have push access to view repository collaborators.',
  'collaborators/collaborators#get-repository-permissions-for-a-user': 'Must have push access to view collaborator permission.',
};

function forbiddenMessage(needs: string, { operation = '' }: Route): string {
  if (needs === 'rung 40' || needs === 'rung 50' || needs === 'an owner of the repository') return 'Must have admin rights to Repository.';
  if (needs === 'rung 30') return pushAccessFor[operation] ?? 'Must have push access to repository';
  if (needs.startsWith('a token with the capability')) return 'Resource not accessible by this token';
  return `This needs ${needs}.`;
}

function unauthenticatedMessage(why: string): string {
  if (why === 'a token is needed') return 'Requires authentication';
  return why.startsWith('a JSON web token') ? 'A JSON web token could not be decoded' : 'Bad credentials';
}

/** Operations whose 422 carries plain sentences, and those that say it in the message itself (spec/github.md 1.0, 1.9). */
const errorsAsStrings = /^(branches\/branch-protection#update-branch-protection$|pulls\/reviews#)/;
const errorsAsMessage = /^(pulls\/review-requests#|git\/(refs|blobs|trees|commits|tags)|branches\/branches#(merge|sync)|repos\/contents)/;
const dismissals = 'Dismissal restrictions are supported only for repositories owned by an organization.';

function invalidReply(
  errors: readonly FieldError[],
  route: Route,
  say: (status: number, message: string, extra?: Record<string, unknown>) => Reply,
): Reply {
  const operation = route.operation ?? '';
  const messages = errors.map((one) => one.message);
  // What is missing is said in the words of a schema, whoever found it missing.
  if (errors.every((one) => one.code === 'missing_field')) return say(422, `Invalid request.\n\n${messages.join('\n')}`);
  if (errorsAsMessage.test(operation) || errors.every((one) => one.code === 'missing')) return say(422, messages.join(' '));
  if (errorsAsStrings.test(operation))
    return say(422, operation.startsWith('pulls/') ? 'Unprocessable Entity' : 'Validation Failed', { errors: messages });
  if (errors.some((one) => one.field === 'dismissal_restrictions' && one.code === 'unprocessable')) return say(422, dismissals);
  const objects = errors.map(({ resource, field, code, message }) => ({
    ...(resource && { resource }),
    ...(field !== '' && { field }),
    code,
    message,
  }));
  return say(422, 'Validation Failed', { errors: objects });
}
