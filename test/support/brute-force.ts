/**
 * What a re-audit should say, by brute force: the calls of a log decided by `assent decide` under both sets of policies, in the order and
 * at the times of its ledger, and compared one by one.
 */
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { type Log, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { LogCatalogue } from "../../src/reading/catalogue.ts";
import { layoutOf } from "../../src/reading/layout.ts";
import { type ReAudit, reAudit, together } from "../../src/replay/re-audit.ts";
import type { ReplayedCall, ReplayedRuling } from "../../src/replay/tally.ts";
import { REPLAY_CLASSES, type ReplayClass } from "../../src/replay/transition.ts";
import { runCli } from "./run-cli.ts";

/** A line as `assent decide` reads it. */
export interface Line {
	readonly id: string;
	readonly [key: string]: unknown;
}

/** One decision of `assent decide`, as far as it is compared. */
export interface Decided {
	readonly verdict: string;
	/** The rule that determined it, with its place; empty: none. */
	readonly by: string;
	readonly obligations: string;
}

/** The lines in the order in which they were decided, each at its time. */
export async function inLedgerOrder(url: string, lines: readonly Line[]): Promise<readonly Line[]> {
	const log = await openLog(url, { create: false, readOnly: true });
	const byId = new Map(lines.map((line) => [line.id, line]));
	const found: { line: Line; at: number; partition: number; seq: number }[] = [];
	try {
		for (const partition of await partitions(log)) {
			for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0)) {
				for (const { value } of records) {
					const read = decodeEntry(value);
					if (!read.ok || (read.value.kind !== "decision.made" && read.value.kind !== "decision.held")) continue;
					const { at, seq, call } = read.value;
					found.push({ line: byId.get(call.id) as Line, at, partition, seq });
				}
			}
		}
	} finally {
		await log.close();
	}
	return found
		.sort((one, next) => one.at - next.at || one.partition - next.partition || one.seq - next.seq)
		.map(({ line, at }) => ({ ...line, at }));
}

const partitions = async (log: Log): Promise<readonly number[]> =>
	Array.from({ length: (await layoutOf(log))?.partitions ?? 0 }, (_, partition) => partition);

/** By the ids of the lines. */
export async function decideAll(policy: string, lines: readonly Line[]): Promise<ReadonlyMap<string, Decided>> {
	const stdin = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
	const { exit, stdout, stderr } = await runCli(["decide", "--jsonl", "--policy", policy], { stdin });
	if (exit !== 0) throw new Error(stderr);
	const decided = new Map<string, Decided>();
	for (const text of stdout.split("\n")) {
		if (text === "") continue;
		const { id, verdict, rules, obligations } = JSON.parse(text);
		const [rule] = rules.filter(({ mode }: { mode: string }) => mode === "enforce");
		decided.set(id, {
			verdict,
			by: rule === undefined ? "" : ruleText(rule),
			obligations: JSON.stringify(obligations),
		});
	}
	return decided;
}

interface RuleLine {
	readonly code: string;
	readonly policy: string;
	readonly rule: string;
	readonly span: { readonly pointer: string; readonly start: number; readonly end: number } | null;
}

const ruleText = ({ code, policy, rule, span }: RuleLine): string =>
	`${code} ${policy}/${rule}${span === null ? "" : ` ${span.pointer}[${span.start}:${span.end}]`}`;

/** The same of a ruling in a report. */
export const rulingBy = ({ reason }: Pick<ReplayedRuling, "reason">): string =>
	reason === null ? "" : ruleText({ ...reason.rule, rule: reason.rule.name, span: reason.span });

export const rulingText = (ruling: ReplayedRuling): string => `${ruling.verdict} ${rulingBy(ruling)}`;

/** How two decisions on one call differ. */
export function classOf(recorded: Decided, candidate: Decided): ReplayClass {
	if (recorded.verdict !== candidate.verdict) return `${recorded.verdict}-to-${candidate.verdict}` as ReplayClass;
	const rule = ({ by }: Decided): string => by.replace(/ \S*$/, (place) => (place.endsWith("]") ? "" : place));
	if (rule(recorded) !== rule(candidate)) return "reason";
	return recorded.verdict === "deny" || recorded.obligations === candidate.obligations ? "unchanged" : "reason";
}

export const noCounts = (): Record<ReplayClass, number> =>
	Object.fromEntries(REPLAY_CLASSES.map((name) => [name, 0])) as Record<ReplayClass, number>;

/** A whole log, with each call that comes out otherwise. */
export async function reAudited(
	url: string,
	candidate: CompiledPolicySet,
): Promise<ReAudit & { readonly calls: readonly ReplayedCall[] }> {
	const log = await openLog(url, { create: false, readOnly: true });
	try {
		const layout = await layoutOf(log);
		if (layout === null) throw new Error(`${url} has no ledger`);
		const catalogue = new LogCatalogue({ log, budgetRoot: layout.budgetRoot, telemetry: silentTelemetry });
		await catalogue.refresh();
		const calls: ReplayedCall[] = [];
		const parts: ReAudit[] = [];
		for (const partition of await partitions(log)) {
			const terms = { layout, candidate, from: null, to: null, filter: {}, catalogue, verifierOf };
			parts.push(await reAudit(log, partition, { ...terms, onDifference: (call) => void calls.push(call) }));
		}
		return { ...together(parts), calls };
	} finally {
		await log.close();
	}
}

export async function compiledFile(path: string): Promise<CompiledPolicySet> {
	const loaded = await loadPolicies([path], "tenant/agent");
	if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join("; "));
	return loaded.value.compiled;
}
