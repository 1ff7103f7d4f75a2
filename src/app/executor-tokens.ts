/** What a client asks of tokens, by the options of `connect`, and tokens that come from elsewhere. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import { MemoryTokenStore } from "../adapters/memory/token-store.ts";
import { misuse } from "../client/misuse.ts";
import { TokenGate } from "../client/token-gate.ts";
import type { Layout } from "../core/model/layout.ts";
import { type PublicKey, readPublicKey } from "../core/model/signing-keys.ts";
import type { DurationMs } from "../core/model/units.ts";
import { TOKEN_SKEW_MAX_MS, TOKEN_SKEW_MS } from "../core/token/verification.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { TokenStore } from "../ports/token-store.ts";

export interface TokenOptions {
	/**
	 * Before a guarded tool runs its decision's token is checked and used up. `required`: without a good one nothing runs; `accepted`: a
	 * decision without one runs, too; `off`: tokens are not looked at. Default: `required` once a key is published on the log, else
	 * `accepted`.
	 */
	readonly tokens?: "required" | "accepted" | "off";
	/** Public keys, as `assent keys create` prints them: these alone are believed, whatever is published on the log. */
	readonly tokenKeys?: readonly string[];
	/**
	 * Path of the file where used tokens are kept, shared by all processes of a machine that consume tokens of the same calls; or a
	 * store of your own. Default: in memory, which is enough for guarded tools, whose executor is another for each call.
	 */
	readonly tokenStore?: string | TokenStore;
	/** How far the clocks of the log and of this machine may differ; default 30 s, at most 2 min. */
	readonly tokenSkewMs?: DurationMs;
}

/** Null: tokens are not looked at. Throws ASSENT_USAGE for options that cannot be meant, and TOKEN_STORE for a file that cannot be used. */
export async function tokenGateOf(
	{ tokens, tokenKeys, tokenStore, tokenSkewMs = TOKEN_SKEW_MS }: TokenOptions,
	{
		log,
		layout,
		telemetry,
		clock = systemClock,
	}: { log: Log; layout: Layout; telemetry: Telemetry; clock?: Clock | undefined },
): Promise<TokenGate | null> {
	if (tokens !== undefined && !MODES.includes(tokens)) {
		throw misuse("`tokens` is none of its words", "give `required`, `accepted` or `off`, or leave it out");
	}
	if (!(typeof tokenSkewMs === "number" && tokenSkewMs >= 0 && tokenSkewMs <= TOKEN_SKEW_MAX_MS)) {
		throw misuse(`\`tokenSkewMs\` is ${String(tokenSkewMs)}`, `give milliseconds, 0 to ${TOKEN_SKEW_MAX_MS}`);
	}
	const pinned = tokenKeys === undefined ? null : pinnedOf(tokenKeys);
	if (tokens === "off") return null;
	return new TokenGate({
		log,
		layout,
		clock,
		telemetry,
		mode: tokens ?? "published",
		pinned,
		store: await storeOf(tokenStore, clock),
		skewMs: tokenSkewMs,
		verifierOf,
	});
}

const MODES: readonly unknown[] = ["required", "accepted", "off"];

function pinnedOf(texts: unknown): readonly PublicKey[] {
	const help = "give a list of keys as `assent keys create` prints them, or leave it out";
	if (!Array.isArray(texts) || texts.length === 0) throw misuse("`tokenKeys` is no list of keys", help);
	return texts.map((text: unknown, index) => {
		const read = readPublicKey(String(text));
		if (!read.ok) throw misuse(`\`tokenKeys[${index}]\` cannot be read: ${read.error}`, help);
		return read.value;
	});
}

async function storeOf(given: TokenOptions["tokenStore"], clock: Clock): Promise<TokenStore> {
	if (given === undefined) return new MemoryTokenStore(clock.now());
	if (typeof given !== "string") return given;
	const { SqliteTokenStore } = await import("../adapters/embedded/token-store.ts");
	return new SqliteTokenStore(given, clock.now());
}
