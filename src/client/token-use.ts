/** Using up a token that was found good: once, or not at all where nobody can tell. */
import { AssentError, type Problem } from "../core/base/errors.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type TokenClaims, useId } from "../core/token/claims.ts";
import { tokenFault } from "../core/token/verification.ts";
import type { TokenStore, TokenUse } from "../ports/token-store.ts";

export function usedUp(
	claims: TokenClaims,
	store: TokenStore,
	{ now, ...times }: Omit<TokenUse, "id"> & { readonly now: EpochMs },
): Result<TokenClaims, Problem> {
	try {
		switch (store.consume({ id: useId(claims), ...times }, now)) {
			case "consumed":
				return ok(claims);
			case "used":
				return err(tokenFault("TOKEN_USED", "the token was used before"));
			case "unknown":
				return err(tokenFault("TOKEN_STORE", "the token is older than what is known of used tokens here"));
		}
	} catch (thrown) {
		if (thrown instanceof AssentError) return err(thrown.problem);
		throw thrown;
	}
}
