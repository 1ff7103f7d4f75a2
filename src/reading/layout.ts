/** The layout of a running deployment, as its ledger says it: the first record of every ledger is a claim, which carries it. */
import { counted } from "../core/base/count-text.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Claim } from "../core/model/records.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

/** A layout, and whether its number of partitions was written down by somebody or is only the default. */
export interface ConfiguredLayout {
	readonly layout: Layout;
	readonly isPartitionCountGiven: boolean;
}

/**
 * The ledger's layout. Where there is none yet, or this user may not read the ledger (an agent's gateway need not), the
 * configured one, with the number of partitions that `intents` has, as far as this user may see that. Throws ASSENT_LAYOUT
 * when another number is given, and when the ledger says that it has more partitions than there are.
 */
export async function deployedLayout(log: Log, configured: ConfiguredLayout): Promise<Layout> {
	const theirs = await unlessDenied(() => layoutOf(log));
	if (theirs !== null) {
		await assertPartitionsThere(log, theirs);
		return theirs;
	}
	const { layout, isPartitionCountGiven } = configured;
	const partitions = await unlessDenied(() => partitionsOf(log, TOPICS.intents));
	if (partitions === null || partitions === layout.partitions) return layout;
	if (!isPartitionCountGiven) return { ...layout, partitions };
	throw new AssentError(
		problem(
			"ASSENT_LAYOUT",
			`the layout has ${counted(layout.partitions, "partition")}, and \`intents\` of ${log.url} has ${partitions}`,
			`write \`layout: { partitions: ${partitions} }\` into the configuration, or name another log`,
		),
	);
}

async function assertPartitionsThere(log: Log, { partitions }: Layout): Promise<void> {
	const there = (await partitionsOf(log, TOPICS.decisions)) ?? 0;
	if (partitions >= 1 && partitions <= there) return;
	throw new AssentError(
		problem(
			"ASSENT_LAYOUT",
			`the ledger of ${log.url} says that it has ${counted(partitions, "partition")}, and \`${TOPICS.decisions}\` has ${there}`,
			"one of the two was changed by hand: see what `assent audit verify` finds, and bring a copy of the log back",
		),
	);
}

/** Null where there is no such topic. */
async function partitionsOf(log: Log, topic: string): Promise<number | null> {
	const topics = await log.admin().shapes();
	return topics.find(({ name }) => name === topic)?.partitions ?? null;
}

/** Null where the log does not let this user see it. */
async function unlessDenied<Out>(ask: () => Promise<Out | null>): Promise<Out | null> {
	try {
		return await ask();
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED") return null;
		throw thrown;
	}
}

/** Null when no processor ever took a partition. Whichever ledger says it first: a broker that is silent is not waited for. */
export async function layoutOf(log: Log): Promise<Layout | null> {
	const topics = await log.admin().shapes();
	const partitions = topics.find(({ name }) => name === TOPICS.decisions)?.partitions ?? 0;
	const { promise, resolve } = Promise.withResolvers<Layout>();
	const asked = Array.from({ length: partitions }, async (_, partition) => {
		const claim = await firstClaim(log, partition);
		if (claim !== null) resolve(claim.layout);
	});
	// All of them have answered, or one of them could not, and none has said it.
	return Promise.race([promise, Promise.all(asked).then(() => Promise.race([promise, null]))]);
}

/** The first claim that can be read of a ledger; null where it begins with none. */
export async function firstClaim(log: Log, partition: number): Promise<Claim | null> {
	const from = { topic: TOPICS.decisions, partition };
	const { begin, end } = await log.bounds(from);
	for (let next = begin; next < end; ) {
		const records = await log.read(from, next, { recordsMax: 100 });
		const last = records.at(-1);
		if (last === undefined) break;
		for (const record of records) {
			const claim = decodeDerived(record.value);
			if (claim.ok && claim.value.type === "claim") return claim.value;
		}
		next = last.offset + 1;
		// A ledger begins with its claim; further in there is one only after a takeover.
		if (next - begin >= 1_000) break;
	}
	return null;
}
