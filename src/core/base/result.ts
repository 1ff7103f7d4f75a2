/**
 * A value or the reason there is none. A bad record is a `Result`; a lost log is thrown
 * (CONTRIBUTING.md#how-the-code-should-read).
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const err = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });
