import type { Problem } from '#model/problem.ts';
import type { Reply, RequestProblem, Route } from '../route.ts';

/** Native errors say what it was in one word, and what to do about it in a sentence. */
function error(status: number, kind: string, message: string, extra: Record<string, unknown> = {}): Reply {
  return { status, body: { error: kind, message, ...extra } };
}

export function problemReply(problem: Problem, route: Route): Reply {
  switch (problem.kind) {
    case 'not-found':
      return error(404, problem.kind, `There is no such ${problem.what}, or it is not shown to you.`);
    case 'forbidden':
      if (route.hidesForbidden === true) return error(404, 'not-found', 'There is no such thing, or it is not shown to you.');
      return error(403, problem.kind, `This needs ${problem.needs}.`);
    case 'unauthenticated':
      return error(401, problem.kind, problem.why === 'a token is needed' ? 'A token is needed.' : 'The credential is not valid.');
    case 'conflict':
      return error(409, problem.kind, problem.why);
    case 'invalid':
      return error(422, problem.kind, problem.errors.map((one) => one.message).join(' '), { errors: problem.errors });
    case 'not-enabled':
      return error(404, problem.kind, `${problem.what} is not switched on.`);
    case 'archived':
      return error(403, problem.kind, 'The repository was archived and is read-only.');
    case 'refused':
      return error(422, problem.kind, 'The rules of the repository refuse this.', { updates: problem.updates, verdict: problem.verdict });
    case 'ref-conflict':
      return error(409, problem.kind, `${problem.refName}: ${problem.why}`);
    case 'too-large':
      return error(406, problem.kind, `The ${problem.what} is too large to be shown.`);
    case 'unavailable':
      return error(503, problem.kind, problem.why);
    default:
      return problem satisfies never;
  }
}

export function requestProblemReply(problem: RequestProblem): Reply {
  switch (problem.kind) {
    case 'unknown-route':
      return error(404, 'not-found', 'There is nothing at this address.');
    case 'method-not-allowed':
      return {
        ...error(405, problem.kind, `Allowed here: ${problem.allowed.join(', ')}.`),
        headers: { allow: problem.allowed.join(', ') },
      };
    case 'malformed-body':
      return error(400, problem.kind, 'The body is not JSON, or names a key twice.');
    case 'body-not-object':
      return error(400, problem.kind, 'The body is not a JSON object.');
    case 'body-too-large':
      return error(413, problem.kind, 'The body is too large.');
    case 'unsupported-accept':
      return error(415, problem.kind, 'Answers are JSON.');
    case 'rate-limited':
      return { ...error(429, problem.kind, 'Too many requests. Please wait.'), headers: { 'retry-after': String(problem.resetSeconds) } };
    case 'too-many-failures':
      return {
        ...error(429, problem.kind, 'Too many failed attempts to authenticate. Please wait.'),
        headers: { 'retry-after': String(problem.retrySeconds) },
      };
    case 'credentials-conflict':
      return error(400, problem.kind, 'Use a session or a token, not both.');
    case 'internal':
      return error(500, problem.kind, `Something went wrong on our side. Request ${problem.requestId} has the details in the log.`);
    default:
      return problem satisfies never;
  }
}
