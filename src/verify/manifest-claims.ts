/** What an export says of itself, held against its log and its folder of trees: the manifest is anybody's to write. */
import { anchorOrigin } from "../core/audit/checkpoint.ts";
import type { Finding } from "../core/audit/finding.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import type { Layout } from "../core/model/layout.ts";
import { COPIED_TOPICS } from "../export/copy.ts";
import { exportFault, type Manifest } from "../export/manifest.ts";
import type { Log } from "../ports/log/log.ts";
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
		if (message !== null)
			found({ code: "export.differs", partition: null, topic: null, offset: null, seq: null, message });
	};
	const { partitions, budgetRoot, dedupeMs, sessionMs } = layout;
	if (parts.partitions.some(({ claims }) => claims > 0))
		differs("layout", manifest.layout, { partitions, budgetRoot, dedupeMs, sessionMs });
	differs("ledgers", manifest.ledgers, ledgersOf(parts));
	differs("topics", manifest.topics.map(plainTopic), await topicsOf(log));
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
	refuse("topics", topics.map(plainTopic), await topicsOf(log));
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
	partitions: partitions.map(({ first, next, records, gaps = [] }) => {
		const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
		return { first, next, records: cleanup === "compact" ? undefined : records + missing };
	}),
});

async function topicsOf(log: Log): Promise<unknown> {
	const shapes = await log.admin().shapes();
	const topics: unknown[] = [];
	for (const name of COPIED_TOPICS) {
		const shape = shapes.find((each) => each.name === name);
		if (shape === undefined) continue;
		const { cleanup, retentionMs } = shape;
		const places = Array.from({ length: shape.partitions }, (_, partition) => log.bounds({ topic: name, partition }));
		const partitions = (await Promise.all(places)).map(({ begin, end }) => ({
			first: begin,
			next: end,
			records: cleanup === "compact" ? undefined : end - begin,
		}));
		topics.push({ name, cleanup, retentionMs, partitions });
	}
	return topics;
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
