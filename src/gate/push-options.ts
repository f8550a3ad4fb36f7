/** What a client asks for with `git push -o` (decision 23). Unknown options are ignored. */
export interface PushWishes {
  readonly bypassReason: string | null;
  readonly dryRun: boolean;
}

const maximumReason = 1024;

export function readPushOptions(options: readonly string[]): PushWishes {
  const reason = options.find((option) => option.startsWith('bypass-reason='))?.slice('bypass-reason='.length);
  return { bypassReason: cleanReason(reason ?? null), dryRun: options.includes('sallyport.dry-run') };
}

/** A reason fit for the record: one line, bounded, not blank. Null: none was given. */
export function cleanReason(text: string | null): string | null {
  const cleaned = (text ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maximumReason);
  return cleaned === '' ? null : cleaned;
}
