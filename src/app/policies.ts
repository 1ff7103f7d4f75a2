/** Policies from files to the log: read, compiled, bundled, put into force. */
import { randomUUID } from "node:crypto";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import { decodeInput } from "../core/codec/decode.ts";
import { encodeDerived, encodeInput } from "../core/codec/encode.ts";
import { ceHeaders } from "../core/codec/headers.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicyActivated } from "../core/model/inputs.ts";
import type { Layout, PolicySourceText } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import { POLICIES_AT } from "../reading/catalogue.ts";
import { baselinePath } from "./baseline.ts";
import { type PolicyFiles, readPolicyFiles } from "./policy-files.ts";

export interface LoadedPolicies {
	readonly sources: readonly PolicySourceText[];
	readonly compiled: CompiledPolicySet;
	/** The files that were read, in order. */
	readonly files: readonly string[];
}

/** Reads and compiles policy files; a folder stands for those in it (see `readPolicyFiles`). Every problem is reported. */
export async function loadPolicies(
	paths: readonly string[],
	budgetRoot: BudgetRoot,
): Promise<Result<LoadedPolicies, readonly Problem[]>> {
	return compileFiles(await readPolicyFiles(paths), budgetRoot);
}

export function compileFiles(
	{ sources, problems }: PolicyFiles,
	budgetRoot: BudgetRoot,
): Result<LoadedPolicies, readonly Problem[]> {
	if (problems.length > 0) return err(problems);
	if (sources.length === 0) {
		return err([
			problem(
				"POLICY_EMPTY",
				"no policy was given, so that everything would be denied",
				`name a policy file, or a folder that holds one, such as ${baselinePath()}`,
			),
		]);
	}
	const compiled = compilePolicies(sources, { budgetRoot });
	return compiled.ok ? ok({ sources, compiled: compiled.value, files: sources.map(({ name }) => name) }) : compiled;
}

/** The activation with the greatest (generation, id) on the log; null when there was none. */
export async function latestActivation(log: Log): Promise<PolicyActivated | null> {
	const from = { topic: TOPICS.control, partition: 0 };
	const { begin } = await log.bounds(from);
	let latest: PolicyActivated | null = null;
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const read = decodeInput(record.value, "control");
			if (!read.ok || read.value.type !== "policy.activated") continue;
			if (latest === null || isLater(read.value, latest)) latest = read.value;
		}
	}
	return latest;
}

const isLater = (a: PolicyActivated, b: PolicyActivated): boolean =>
	a.generation > b.generation || (a.generation === b.generation && a.id > b.id);

export interface Activation {
	readonly id: string;
	readonly generation: number;
	readonly digest: string;
	/** Where to look for each partition's acknowledgement. */
	readonly ledgerFrom: readonly Offset[];
	/** Where the activation lies in `control`, by partition. */
	readonly controlAt: readonly Offset[];
}

/** Puts a bundle into force: the bundle first, then the activation on every partition (DESIGN §4.8). */
export async function activatePolicies(
	log: Log,
	of: { layout: Layout; sources: readonly PolicySourceText[]; digest: string; by: string; now: EpochMs },
): Promise<Activation> {
	const bundle = encodeDerived({ type: "policy.bundle", digest: of.digest, sources: of.sources });
	await appendOrThrow(log, POLICIES_AT, {
		key: of.digest,
		value: bundle,
		headers: ceHeaders({
			id: of.digest,
			type: "policy.bundle",
			source: "assent/operator",
			time: of.now,
			value: bundle,
		}),
	});
	const generation = ((await latestActivation(log))?.generation ?? 0) + 1;
	const record: PolicyActivated = {
		type: "policy.activated",
		id: randomUUID(),
		issuedBy: of.by,
		issuedAt: of.now,
		generation,
		digest: of.digest,
	};
	const ledgerFrom = await ledgerEnds(log, of.layout);
	const controlAt = await broadcast(log, of.layout, record, of.now);
	return { id: record.id, generation, digest: of.digest, ledgerFrom, controlAt };
}

/** Writes a control record to every partition; its offset in each. */
async function broadcast(
	log: Log,
	layout: Layout,
	record: Parameters<typeof encodeInput>[0] & { readonly id: string },
	now: EpochMs,
): Promise<readonly Offset[]> {
	const value = encodeInput(record);
	const headers = ceHeaders({ id: record.id, type: record.type, source: "assent/operator", time: now, value });
	return Promise.all(
		Array.from({ length: layout.partitions }, (_, partition) =>
			appendOrThrow(log, { topic: TOPICS.control, partition }, { key: null, value, headers }),
		),
	);
}

export async function appendOrThrow(
	log: Log,
	to: { topic: string; partition: number },
	record: { key: string | null; value: Uint8Array; headers: Record<string, string> },
): Promise<Offset> {
	const appended = await log.append(to, [record]);
	if (appended.kind === "appended") return appended.base;
	throw new AssentError(
		appended.kind === "failed"
			? appended.problem
			: problem(
					"ASSENT_LOG_UNAVAILABLE",
					`a record for \`${to.topic}\` may not have been written`,
					"run the command again; it is safe to repeat",
				),
	);
}

const ledgerEnds = async (log: Log, layout: Layout): Promise<Offset[]> =>
	Promise.all(
		Array.from(
			{ length: layout.partitions },
			async (_, partition) => (await log.bounds({ topic: TOPICS.decisions, partition })).end,
		),
	);
