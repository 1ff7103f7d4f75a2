/** What an erasure is about: the scope that an operator names, and the intents of it that are on the log. */
import { decodeInput } from "../core/codec/decode.ts";
import { callKey, sessionKey } from "../core/model/ids.ts";
import type { ErasureScope } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { PayloadCall, PayloadKeys } from "../ports/payload-keys.ts";
import { interrupted, type ReadStateOptions } from "../reading/partition-view.ts";
import { partitionsOf } from "../reading/principal-filter.ts";

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
	const keyOf = (call: PayloadCall): string => (kind === "intent" ? callKey(call) : sessionKey(call));
	const isNamed = (call: PayloadCall): boolean => (kind === "intent" ? call.id : call.session) === name;
	const whole = found.filter((call) => keyOf(call) === name);
	const meant = whole.length > 0 ? whole : found.filter(isNamed);
	return new Map(
		meant.map((call) => {
			const { tenant, agent, session, id } = call;
			const part = kind === "intent" ? { session: null, intent: id } : { session, intent: null };
			return [keyOf(call), { tenant, agent, ...part }];
		}),
	);
}

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
	clear: number;
}

/** Intents on the log that a scope, or an intent's or session's name alone, covers. Throws ASSENT_STOPPED, and what reading throws. */
export async function intentsIn(
	log: Log,
	partitions: readonly number[],
	scope: Partial<ErasureScope>,
	{ onProgress, signal }: ReadStateOptions,
): Promise<IntentCount> {
	const count = { sealed: 0, clear: 0 };
	for (const partition of partitions) {
		const from = { topic: TOPICS.intents, partition };
		for await (const records of readToEnd(log, from, (await log.bounds(from)).begin)) {
			if (signal?.aborted === true) throw interrupted();
			for (const { value } of records) {
				const read = decodeInput(value, "intents");
				if (!read.ok || (read.value.type !== "intent.submitted" && read.value.type !== "intent.sealed")) continue;
				const { type, id, principal } = read.value;
				if (isWithin({ ...principal, id }, scope)) count[type === "intent.sealed" ? "sealed" : "clear"] += 1;
			}
			onProgress?.(records.length);
		}
	}
	return count;
}

const isWithin = (call: PayloadCall, { tenant, agent, session, intent }: Partial<ErasureScope>): boolean =>
	(tenant ?? call.tenant) === call.tenant &&
	(agent ?? call.agent) === call.agent &&
	(session ?? call.session) === call.session &&
	(intent ?? call.id) === call.id;
