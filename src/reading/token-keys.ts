/**
 * Keys that tokens are checked with, as they are published on `policies`, beside the bundles.
 *
 * K1  Where operators are in force, a key is believed that one of them has signed.
 * K2  A key that was taken back stays so, whoever said it and whatever comes after: that only stops.
 */
import { decodeDerived } from "../core/codec/decode.ts";
import type { TokenKeyPublished } from "../core/model/records.ts";
import { readPublicKey } from "../core/model/signing-keys.ts";
import { kidOf } from "../core/token/compact.ts";
import { type Log, type LogRecord, POLICIES_AT, readToEnd } from "../ports/log/log.ts";

/** What was said of one key: the last that was said, and of those that took it back the strictest. */
export interface PublishedKey extends TokenKeyPublished {
	/** Has somebody published it who may? A key that nobody believes signs nothing that counts. */
	readonly isBelieved: boolean;
}

/** Has an operator signed the record that publishes a key, under the name that it gives? */
export type KeyCheck = (record: LogRecord, by: string) => boolean;

/** By the policies in force; null: everybody is believed. Asked only where there are keys, and policies that can name operators. */
export type KeyCheckInForce = () => Promise<KeyCheck | null>;

const EVERYBODY: KeyCheckInForce = () => Promise.resolve(null);

/** All that are published, by `kid`; without `checkInForce` each is believed. Throws what the log throws, and what asking throws. */
export async function readTokenKeys(
	log: Log,
	checkInForce: KeyCheckInForce = EVERYBODY,
): Promise<ReadonlyMap<string, PublishedKey>> {
	const said = new Map<string, SaidOfKey>();
	let canNameOperators = false;
	const { begin } = await log.bounds(POLICIES_AT);
	for await (const records of readToEnd(log, POLICIES_AT, begin)) {
		for (const record of records) {
			const read = decodeDerived(record.value);
			const value = read.ok ? read.value : null;
			if (value?.type === "policy.bundle")
				canNameOperators ||= value.sources.some(({ text }) => text.includes("Trust"));
			const kid = kidIn(record.key);
			if (kid === null) continue;
			const statement = value?.type === "token-key.published" && record.key === tokenKeyKey(value) ? value : null;
			said.set(kid, after(said.get(kid) ?? NOTHING_SAID, record, statement));
		}
	}
	const asked: Promise<KeyCheck | null> | null = said.size > 0 && canNameOperators ? checkInForce() : null;
	const check = asked === null ? null : await asked;
	const keys = new Map<string, PublishedKey>();
	for (const [kid, { statement, published, isSpoilt }] of said) {
		if (statement === null) continue;
		const counting = isSpoilt ? { ...statement, status: "revoked" as const } : statement;
		keys.set(kid, { ...counting, isBelieved: check === null || published.some(({ record, by }) => check(record, by)) });
	}
	return keys;
}

interface SaidOfKey {
	/** That which counts. */
	readonly statement: TokenKeyPublished | null;
	/** The records by which it was published, and who says to have done so. */
	readonly published: readonly { readonly record: LogRecord; readonly by: string }[];
	/** Something was written where only what takes the key back is: nobody can tell what was there. */
	readonly isSpoilt: boolean;
}

const NOTHING_SAID: SaidOfKey = { statement: null, published: [], isSpoilt: false };

const STRICTNESS = { active: 0, retired: 1, revoked: 2 } as const;

function after(known: SaidOfKey, record: LogRecord, said: TokenKeyPublished | null): SaidOfKey {
	if (said === null) return { ...known, isSpoilt: known.isSpoilt || record.key?.endsWith("/active") !== true };
	const { statement, published } = known;
	const isStricter = statement === null || STRICTNESS[said.status] >= STRICTNESS[statement.status];
	return {
		...known,
		statement: isStricter ? said : statement,
		published: said.status === "active" ? [...published, { record, by: said.by }] : published,
	};
}

const TOKEN_KEY = "token-key/";

/** Can a record of the topic change which keys are believed? */
export const isAboutTokenKeys = ({ key, value }: Pick<LogRecord, "key" | "value">): boolean =>
	key?.startsWith(TOKEN_KEY) === true || Buffer.from(value).includes("Trust");

/** Under which a statement is compacted: beside the others of its key, so that none of them is forgotten for another. */
export function tokenKeyKey({ key, status }: Pick<TokenKeyPublished, "key" | "status">): string | null {
	const read = readPublicKey(key);
	return read.ok ? `${TOKEN_KEY}${kidOf(read.value)}/${status}` : null;
}

/** Null where the record is about no key. */
const kidIn = (key: string | null): string | null =>
	/^token-key\/(.+)\/(?:active|retired|revoked)$/.exec(key ?? "")?.[1] ?? null;
