import assert from 'node:assert/strict';

/** An error of the API, as Octokit reports it. */
export interface Refusal {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
  readonly data: any;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The error that a call has to end with. Anything but an answer of the server with an error status fails. */
async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    (answer) => assert.fail(`was not refused: ${JSON.stringify((answer as { data?: unknown }).data)}`),
    (thrown: unknown) => thrown,
  );
  const { response } = error as { response?: Refusal };
  if (response === undefined) throw error;
  return response;
}

/** What a 422 says was wrong: PUT protection lists plain sentences, everything else objects that hold one. */
export function sentencesOf({ errors }: { readonly errors: readonly (string | { readonly message: string })[] }): string[] {
  return errors.map((error) => (typeof error === 'string' ? error : error.message));
}

/** As `refusalOf`, for the usual question: status and message. */
export async function refused(call: Promise<unknown>, status: number, message: string | RegExp): Promise<Refusal> {
  const refusal = await refusalOf(call);
  assert.equal(refusal.status, status, JSON.stringify(refusal.data));
  if (typeof message === 'string') assert.equal(refusal.data.message, message);
  else assert.match(refusal.data.message, message);
  return refusal;
}
