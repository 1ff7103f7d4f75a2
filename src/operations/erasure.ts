/** What an erasure is about: the scope that an operator names, and the intents of it that are on the log. */
import { decodeInput } from "../core/codec/decode.ts";
import { callKey, sessionKey } from "../core/model/ids.ts";
import type { ErasureScope } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { PayloadCall, PayloadKeys } from "../ports/payload-keys.ts";
import { interrupted, type ReadStateOptions } from "../reading/partition-view.ts";
import { partitionsOf } from "../reading/principal-filter.ts";
import { unsealed } from "../reading/unsealed.ts";

/** Where intents of a scope can be. */
export const partitionsOfScope = (layout: Layout, { tenant, agent, session }: ErasureScope): readonly number[] =>
	partitionsOf(layout, session === null ? { tenant, agent } : { tenant, agent, session });

/** What an operator means by a name: the intents, or sessions, that have it; more than one where tenants or agents share it. */
export function scopesNamed(
	keys: PayloadKeys,
	kind: "intent" | "session",
	name: string,
): ReadonlyMap<string, ErasureScope> {
	const parts = partsOf(name);
	const last = parts?.at(-1);
	const found = [name, ...(last === undefined ? [] : [last])].flatMap((each) =>
		keys.named(kind === "intent" ? { id: each } : { session: each }),
	);
	const whole = found.filter((call) => keyOf(kind, call) === name);
	const meant = whole.length > 0 ? whole : found.filter((call) => isNamed(kind, name)(call));
	return new Map(
		meant.map((call) => {
			const { tenant, agent, session, id } = call;
			const part = kind === "intent" ? { session: null, intent: id } : { session, intent: null };
			return [keyOf(kind, call), { tenant, agent, ...part }];
		}),
	);
}

const keyOf = (kind: "intent" | "session", call: PayloadCall): string =>
	kind === "intent" ? callKey(call) : sessionKey(call);

/** Calls that an operator may mean by the name of an intent or a session, with its tenant and agent or alone. */
export const isNamed =
	(kind: "intent" | "session", name: string) =>
	(call: PayloadCall): boolean =>
		(kind === "intent" ? call.id : call.session) === name || keyOf(kind, call) === name;

/** The three parts of a name as keys write them; null where it is another. */
export function partsOf(name: string): readonly string[] | null {
	try {
		return name.split("/").map(decodeURIComponent);
	} catch {
		return null;
	}
}

export interface IntentCount {
	sealed: number;
	/** Of these, those that the keys at hand do not open and do not call erased: they have keys elsewhere. */
	locked: number;
	clear: number;
}

/** Intents on the log that are meant. Throws ASSENT_STOPPED, and what reading throws. */
export async function intentsIn(
	log: Log,
	partitions: readonly number[],
	isMeant: (call: PayloadCall) => boolean,
	{ onProgress, signal }: ReadStateOptions,
): Promise<IntentCount> {
	const count = { sealed: 0, locked: 0, clear: 0 };
	for (const partition of partitions) {
		const from = { topic: TOPICS.intents, partition };
		for await (const records of readToEnd(log, from, (await log.bounds(from)).begin)) {
			if (signal?.aborted === true) throw interrupted();
			for (const { value } of records) {
				const read = decodeInput(value, "intents");
				if (!read.ok || (read.value.type !== "intent.submitted" && read.value.type !== "intent.sealed")) continue;
				const { type, id, principal } = read.value;
				if (!isMeant({ ...principal, id })) continue;
				if (type === "intent.submitted") {
					count.clear += 1;
					continue;
				}
				count.sealed += 1;
				const opened = unsealed(read.value, log.payloads);
				if (!opened.ok && opened.error.code !== "RECORD_ERASED") count.locked += 1;
			}
			onProgress?.(records.length);
		}
	}
	return count;
}
