/** Publishing keys that tokens are checked with. */
import { AssentError, problem } from "../core/base/errors.ts";
import { derivedEvent } from "../core/codec/event.ts";
import { signatureHeader, tokenKeyMessage } from "../core/codec/signed.ts";
import type { TokenKeyPublished } from "../core/model/records.ts";
import { type PublicKey, publicKeyText } from "../core/model/signing-keys.ts";
import type { EpochMs } from "../core/model/units.ts";
import { kidOf } from "../core/token/compact.ts";
import { type Log, POLICIES_AT } from "../ports/log/log.ts";
import type { Signer } from "../ports/signer.ts";
import { type KeyCheckInForce, readTokenKeys, tokenKeyKey } from "../reading/token-keys.ts";
import { appendOrThrow } from "./control.ts";

export interface KeyStatement {
	readonly status: TokenKeyPublished["status"];
	/** Who says so. */
	readonly by: string;
	readonly now: EpochMs;
	/** Signs in the name of `by`: an operator, where the policies name some. */
	readonly signer?: Signer | null;
}

/** Resolves once it is on the log: whoever reads it from then on knows the key. */
export async function publishTokenKey(log: Log, key: PublicKey, said: KeyStatement): Promise<void> {
	const { status, by, now, signer = null } = said;
	const record: TokenKeyPublished = {
		type: "token-key.published",
		key: publicKeyText(key),
		status,
		since: now,
		by,
	};
	const name = `${tokenKeyKey(record)}`;
	const event = derivedEvent(record, { id: name, source: `assent/${by}`, time: now });
	const { value, headers } = event;
	const signed = signer === null ? {} : signatureHeader(signer.sign(tokenKeyMessage({ key: name, value })));
	await appendOrThrow(log, POLICIES_AT, { key: name, value, headers: { ...headers, ...signed } });
}

/** Who publishes a key that is to be used: a processor by its own name, or with an operator's key in that operator's. */
export interface KeyUser extends Omit<KeyStatement, "status"> {
	readonly checkInForce: KeyCheckInForce;
}

/**
 * Whoever signs with the key may do so from now on: it is published, by this process where nobody else has. Throws ASSENT_CONFIG for a
 * key that was taken back, or that no operator has signed where the policies name some, and what the log throws where this user may not
 * write to `policies`.
 */
export async function assertKeyPublished(log: Log, key: PublicKey, { checkInForce, ...by }: KeyUser): Promise<void> {
	const kid = kidOf(key);
	const known = (await readTokenKeys(log, checkInForce)).get(kid);
	if (known !== undefined && known.status !== "active") throw takenBack(kid, known.status);
	if (known?.isBelieved === true) return;
	if (known === undefined || (by.signer ?? null) !== null) await publishOwn(log, key, by);
	if ((await readTokenKeys(log, checkInForce)).get(kid)?.isBelieved !== true) throw unsigned(kid);
}

async function publishOwn(log: Log, key: PublicKey, by: Omit<KeyStatement, "status">): Promise<void> {
	try {
		await publishTokenKey(log, key, { status: "active", ...by });
	} catch (thrown) {
		throw thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED" ? unpublished(kidOf(key)) : thrown;
	}
}

const takenBack = (kid: string, status: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_CONFIG",
			`the key \`${kid}\` of \`tokenKey\` was ${status}, and no executor would take what it signs`,
			"make another one: `assent keys create NAME --out FILE`",
		),
	);

const unsigned = (kid: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_CONFIG",
			`the policies name operators, none of whom has signed the key \`${kid}\` of \`tokenKey\`: no executor would take what it signs`,
			"publish it as one of them: `assent tokens publish FILE --key FILE`",
		),
	);

const unpublished = (kid: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_DENIED",
			`the key \`${kid}\` of \`tokenKey\` is not published, and this user may not write to \`policies\``,
			"publish it as an operator: `assent tokens publish FILE`",
		),
	);
