import type { Static } from 'typebox';
import { invalid } from '#model/problem.ts';
import type { CheckRunChanges, CheckRunInput } from '#operations/checks/report-checks.ts';
import type { checkRunChangesBody, newCheckRunBody } from './schema.ts';

type Body = Static<typeof checkRunChangesBody>;

/** A conclusion completes a run; a completed run has one. Times that are left out are now. */
export function toCheckRun(body: Static<typeof newCheckRunBody>, now: number): CheckRunInput {
  const status = body.conclusion != null ? 'completed' : (body.status ?? 'queued');
  refuseUnconcluded(status, body);
  return {
    name: body.name,
    commit: body.head_sha,
    status,
    conclusion: body.conclusion ?? null,
    detailsUrl: body.details_url ?? null,
    externalId: body.external_id ?? null,
    startedAt: timeOf(body.started_at, 'started_at') ?? now,
    completedAt: status === 'completed' ? (timeOf(body.completed_at, 'completed_at') ?? now) : null,
    output: outputOf(body),
  };
}

export function toCheckRunChanges(body: Body, now: number): CheckRunChanges {
  const status = body.conclusion != null ? 'completed' : body.status;
  if (status != null) refuseUnconcluded(status, body);
  const startedAt = timeOf(body.started_at, 'started_at');
  return {
    ...(body.name != null && { name: body.name }),
    ...(body.details_url !== undefined && { detailsUrl: body.details_url }),
    ...(body.external_id !== undefined && { externalId: body.external_id }),
    ...(startedAt !== null && { startedAt }),
    ...(status != null && {
      status,
      conclusion: body.conclusion ?? null,
      completedAt: status === 'completed' ? (timeOf(body.completed_at, 'completed_at') ?? now) : null,
    }),
    ...(body.output != null && { output: outputOf(body) }),
  };
}

function refuseUnconcluded(status: string, { conclusion }: Body): void {
  if (status === 'completed' && conclusion == null)
    throw invalid('conclusion', 'No subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.', 'missing_field', 'CheckRun');
}

function outputOf({ output }: Body): CheckRunInput['output'] {
  return { title: output?.title ?? null, summary: output?.summary ?? null, text: output?.text ?? null };
}

function timeOf(text: string | null | undefined, field: string): number | null {
  if (text == null) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid(field, `${field} is not a date`, 'invalid', 'CheckRun');
  return at;
}
