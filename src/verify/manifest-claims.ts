/** What an export says of itself, held against its log and its folder of trees: the manifest is anybody's to write. */
import { anchorOrigin } from "../core/audit/checkpoint.ts";
import type { Finding } from "../core/audit/finding.ts";
import { isTileOf, treePrefix } from "../core/audit/tiles.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { COPIED_TOPICS } from "../export/copy.ts";
import { AUDIT_FOLDER, exportFault, LOG_FILE, type Manifest } from "../export/manifest.ts";
import { type Log, readToEnd, type TopicPartition } from "../ports/log/log.ts";
import { firstClaim } from "../reading/layout.ts";
import type { VerifiedPartition } from "./partition.ts";
import type { FoundNote } from "./signed-on-log.ts";

export interface ManifestParts {
	readonly manifest: Manifest;
	readonly log: Log;
	/** By the ledger's claims. */
	readonly layout: Layout;
	readonly partitions: readonly VerifiedPartition[];
	/** The checkpoints in its folder; null: another folder was looked at. */
	readonly published: readonly FoundNote[] | null;
	readonly found: (finding: Finding) => void;
}

/** Throws what the log throws. */
export async function verifyManifest(parts: ManifestParts): Promise<void> {
	const { manifest, layout, log, found } = parts;
	const differs = (name: string, is: unknown, due: unknown): void => {
		const message = differenceText(name, is, due);
		if (message !== null) found(fault(message));
	};
	const { partitions, budgetRoot, dedupeMs, sessionMs } = layout;
	if (parts.partitions.some(({ claims }) => claims > 0))
		differs("layout", manifest.layout, { partitions, budgetRoot, dedupeMs, sessionMs });
	differs("ledgers", manifest.ledgers, ledgersOf(parts));
	differs("topics", manifest.topics.map(plainTopic), await topicsOf(log, manifest));
	const other = manifest.files.find(({ path }) => !isExported(path, manifest));
	if (other !== undefined) found(fault(`the manifest names \`${other.path}\`, which is no part of an export`));
	if (parts.published !== null) differs("signed", manifest.signed, signedOf(manifest, parts.published));
}

/**
 * Before anything is made of an export: what its manifest says of the layout, of topics and of ledgers, as far as no ledger has to be read
 * for it. Throws ASSENT_EXPORT, and what the log throws.
 */
export async function assertManifest({ layout, ledgers, topics }: Manifest, log: Log): Promise<void> {
	const refuse = (name: string, is: unknown, due: unknown): void => {
		const message = differenceText(name, is, due);
		if (message !== null) throw exportFault(message);
	};
	refuse("topics", topics.map(plainTopic), await topicsOf(log, { topics }));
	const partitions = layout?.partitions ?? 0;
	for (const topic of topics) refuse("layout.partitions", partitions, topic.partitions.length);
	for (let partition = 0; partition < partitions; partition++) {
		const claim = await firstClaim(log, partition);
		if (claim !== null) refuse("layout", layout, claim.layout);
		const { tree: _, ...said } = ledgers[partition] ?? {};
		refuse(`ledgers.${partition}`, said, { partition, claim: claim?.claimId ?? null });
	}
	refuse("ledgers.length", ledgers.length, partitions);
}

/** Of a ledger that breaks off nobody knows what the whole of it was: there the manifest has the last word, and other findings are there. */
function ledgersOf({ manifest, partitions }: ManifestParts): unknown {
	return partitions.map(({ partition, origin, isWhole, tree }) => {
		const said = manifest.ledgers.find((each) => each.partition === partition);
		return { partition, claim: origin, tree: isWhole ? headOf(tree) : (said?.tree ?? null) };
	});
}

const plainTopic = ({ name, cleanup, retentionMs, partitions }: Manifest["topics"][number]): unknown => ({
	name,
	cleanup,
	retentionMs,
	partitions: partitions.map(({ first, next, records, gaps = [] }) => ({
		first,
		next,
		records: cleanup === "compact" ? undefined : records,
		gaps,
	})),
});

/** What is in the log: its topics as a manifest has them, in the same order. */
async function topicsOf(log: Log, { topics: said }: Pick<Manifest, "topics">): Promise<unknown> {
	const shapes = await log.admin().shapes();
	const topics: unknown[] = [];
	for (const name of COPIED_TOPICS) {
		const shape = shapes.find((each) => each.name === name);
		if (shape === undefined) continue;
		const { retentionMs } = shape;
		// Holes of a topic that is not compacted are left in one that is: readers of the file expect them there alone.
		const own = said.find((each) => each.name === name);
		const isHoled = shape.cleanup === "compact" && own?.partitions.some(({ gaps = [] }) => gaps.length > 0) === true;
		const cleanup = isHoled ? own.cleanup : shape.cleanup;
		const partitions: unknown[] = [];
		for (let partition = 0; partition < shape.partitions; partition++) {
			const at = { topic: name, partition };
			const { begin, end } = await log.bounds(at);
			const gaps = isHoled ? await gapsIn(log, at, begin) : [];
			const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
			const records = cleanup === "compact" ? undefined : end - begin - missing;
			partitions.push({ first: begin, next: end, records, gaps });
		}
		topics.push({ name, cleanup, retentionMs, partitions });
	}
	return topics;
}

/** Offsets between records at which nothing is. */
async function gapsIn(log: Log, at: TopicPartition, begin: Offset): Promise<readonly { from: Offset; to: Offset }[]> {
	const gaps: { from: Offset; to: Offset }[] = [];
	let next = begin;
	for await (const records of readToEnd(log, at, begin)) {
		for (const { offset } of records) {
			if (offset > next) gaps.push({ from: next, to: offset });
			next = offset + 1;
		}
	}
	return gaps;
}

/** Whether it is the log, the key, or of a tree that is signed the checkpoint or a tile. */
function isExported(path: string, { signed }: Manifest): boolean {
	if (path === LOG_FILE || path === `${AUDIT_FOLDER}/log.vkey`) return true;
	const trees = [...(signed?.partitions ?? []), ...(signed?.anchor ? [{ partition: null, ...signed.anchor }] : [])];
	return trees.some(({ partition, size }) => {
		const prefix = `${AUDIT_FOLDER}/${treePrefix(partition)}/`;
		const rest = path.startsWith(prefix) ? path.slice(prefix.length) : "";
		return rest === "checkpoint" || isTileOf(size, rest);
	});
}

function signedOf(manifest: Manifest, published: readonly FoundNote[]): unknown {
	if (published.length === 0) return null;
	const anchor = published.find(({ of }) => of === null);
	const own = published.filter(({ of }) => of !== null);
	const [first] = published as [FoundNote];
	const name = first.origin.replace(first.of === null ? /\/anchor$/ : /\/decisions\/\d+$/, "");
	const isAnchored = anchor !== undefined && anchor.origin === anchorOrigin(name);
	return {
		name,
		partitions: own.map(({ of, ...head }) => ({ ...headOf(head), partition: of })),
		anchor: isAnchored ? headOf(anchor) : (manifest.signed?.anchor ?? null),
	};
}

const headOf = ({ size, root }: TreeHead): TreeHead => ({ size, root });

/** A sentence; null where there is no difference. */
function differenceText(name: string, is: unknown, due: unknown): string | null {
	const difference = firstDifference(is, due, name);
	if (difference === null) return null;
	return `the manifest has ${difference.is} at \`${difference.path}\`, where ${difference.due} is due by what is in the export`;
}

const fault = (message: string): Finding => ({
	code: "export.differs",
	partition: null,
	topic: null,
	offset: null,
	seq: null,
	message,
});

interface Difference {
	readonly path: string;
	readonly is: string;
	readonly due: string;
}

/** Null where there is none. */
function firstDifference(is: unknown, due: unknown, path: string): Difference | null {
	if (!isComposed(is) || !isComposed(due))
		return is === due ? null : { path, is: JSON.stringify(is) ?? "nothing", due: JSON.stringify(due) ?? "nothing" };
	for (const name of new Set([...Object.keys(due), ...Object.keys(is)])) {
		const difference = firstDifference(is[name], due[name], `${path}.${name}`);
		if (difference !== null) return difference;
	}
	return null;
}

/** An object or a list. */
const isComposed = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null;
