/** Publishing keys that tokens are checked with. */
import { AssentError, problem } from "../core/base/errors.ts";
import { derivedEvent } from "../core/codec/event.ts";
import type { TokenKeyPublished } from "../core/model/records.ts";
import { type PublicKey, publicKeyText } from "../core/model/signing-keys.ts";
import type { EpochMs } from "../core/model/units.ts";
import { kidOf } from "../core/token/compact.ts";
import { type Log, POLICIES_AT } from "../ports/log/log.ts";
import { readTokenKeys, tokenKeyKey } from "../reading/token-keys.ts";
import { appendOrThrow } from "./control.ts";

export interface KeyStatement {
	readonly status: TokenKeyPublished["status"];
	/** Who says so. */
	readonly by: string;
	readonly now: EpochMs;
}

/** Resolves once it is on the log: whoever reads it from then on knows the key. */
export async function publishTokenKey(log: Log, key: PublicKey, { status, by, now }: KeyStatement): Promise<void> {
	const record: TokenKeyPublished = {
		type: "token-key.published",
		key: publicKeyText(key),
		status,
		since: now,
		by,
	};
	const name = tokenKeyKey(kidOf(key));
	const event = derivedEvent(record, { id: `${name}/${status}`, source: `assent/${by}`, time: now });
	await appendOrThrow(log, POLICIES_AT, { key: name, ...event });
}

/**
 * Whoever signs with the key may do so from now on: it is published, by this process where nobody else has. Throws ASSENT_CONFIG for a
 * key that was taken back, and what the log throws where this user may not write to `policies`.
 */
export async function assertKeyPublished(log: Log, key: PublicKey, by: { by: string; now: EpochMs }): Promise<void> {
	const kid = kidOf(key);
	const known = (await readTokenKeys(log)).get(kid);
	if (known?.status === "active") return;
	if (known === undefined) {
		try {
			return await publishTokenKey(log, key, { status: "active", ...by });
		} catch (thrown) {
			throw thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED" ? unpublished(kid) : thrown;
		}
	}
	throw new AssentError(
		problem(
			"ASSENT_CONFIG",
			`the key \`${kid}\` of \`tokenKey\` was ${known.status}, and no executor would take what it signs`,
			"make another one: `assent keys create NAME --out FILE`",
		),
	);
}

const unpublished = (kid: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_DENIED",
			`the key \`${kid}\` of \`tokenKey\` is not published, and this user may not write to \`policies\``,
			"publish it as an operator: `assent tokens publish FILE`",
		),
	);
