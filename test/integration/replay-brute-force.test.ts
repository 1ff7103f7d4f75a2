import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import {
	classOf,
	compiledFile,
	type Decided,
	decideAll,
	inLedgerOrder,
	type Line,
	noCounts,
	reAudited,
	rulingBy,
	rulingText,
} from "../support/brute-force.ts";
import { recordLog } from "../support/recorded-log.ts";
import { runCli } from "../support/run-cli.ts";

const NAMES = ["baseline", "coding-agent", "customer-support", "data-analyst", "read-only-research"] as const;
const PAIRS = NAMES.flatMap((base) => NAMES.filter((name) => name !== base).map((other) => [base, other] as const));
/** Real calls that are not part of this repository; the tests with them run where they are. */
const SHARED = join("..", "shared", "data", "tool-calls-dev.jsonl");

let folder = "";

/** A log, as it was decided. */
interface Recorded {
	readonly log: string;
	readonly lines: readonly Line[];
	readonly decided: ReadonlyMap<string, Decided>;
}
const logs = new Map<string, Promise<Recorded>>();

/** The calls of a file, recorded under a policy: once. */
function recorded(calls: string, policy: string): Promise<Recorded> {
	const name = `${basename(calls)}-${basename(policy)}.db`;
	const known = logs.get(name) ?? record(calls, policy, `file:${join(folder, name)}`);
	logs.set(name, known);
	return known;
}

async function record(calls: string, policy: string, log: string): Promise<Recorded> {
	const text = await readFile(calls, "utf8");
	const all = text.split("\n").flatMap((line, at): Line[] => (line === "" ? [] : [callOf(JSON.parse(line), at)]));
	await recordLog({ log, policies: [policy], lines: all, settle: true });
	const lines = await inLedgerOrder(log, all);
	expect(lines.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
	return { log, lines, decided: await decideAll(policy, lines) };
}

/** Labels are no part of a call. Calls that nobody made are spread over agents that the policies are about. */
function callOf(
	{ label: _label, also: _also, dangerous: _dangerous, why: _why, kind, ...call }: Line,
	at: number,
): Line {
	return kind === undefined
		? call
		: { agent: AGENTS[at % AGENTS.length], session: `run-${Math.floor(at / 100)}`, ...call };
}
const AGENTS = ["coder-1", "support-1", "analyst-1", "research-1"];

const whole = (name: string): string => join("policies", `${name}.yaml`);
const unlimited = (name: string): string => join(folder, `${name}.yaml`);

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-brute-"));
	for (const name of NAMES) {
		const document = parseDocument(await readFile(whole(name), "utf8"));
		expect(document.delete("limits")).toBe(true);
		await writeFile(unlimited(name), document.toString());
	}
	return () => rm(folder, { recursive: true, force: true });
});

/** Each call of a log under a candidate, beside what `assent decide` says of it under both. */
async function compared({ log, lines, decided }: Recorded, policy: string) {
	const candidate = await decideAll(policy, lines);
	const report = await reAudited(log, await compiledFile(policy));
	const found = new Map(report.calls.map((call) => [call.call.id, call]));
	const calls = lines.map(({ id, tool, agent, tenant, at }) => {
		const [was, is] = [decided.get(id), candidate.get(id)] as [Decided, Decided];
		const call = found.get(id);
		const rulings = [
			was.by,
			is.by,
			...(call === undefined ? [] : [call.recorded, call.candidate ?? call.recorded].map(rulingBy)),
		];
		return {
			id,
			tool: `${tool}`,
			agent: `${tenant ?? "default"}/${agent}`,
			day: new Date(Number(at)).toISOString().slice(0, 10),
			expected: { class: classOf(was, is), was: `${was.verdict} ${was.by}`, is: `${is.verdict} ${is.by}` },
			/** What is unchanged is told of nowhere: it is as it was. */
			reported:
				call === undefined || call.candidate === null
					? null
					: {
							class: call.transition ?? call.class,
							was: rulingText(call.recorded),
							is: rulingText(call.candidate),
						},
			hasBudget: rulings.some((by) => by.startsWith("budget.exhausted")) || call?.class === "budget",
		};
	});
	return { report, calls };
}

/** What `assent replay --json` prints, as far as it is read here. */
interface Reported {
	readonly counts: ReturnType<typeof noCounts>;
	readonly by: Readonly<Record<"rule" | "agent" | "tool" | "day", readonly { readonly name: string }[]>>;
	readonly samples: Readonly<Record<string, Record<"first" | "costliest", readonly { readonly id: string }[]>>>;
}

type Compared = Awaited<ReturnType<typeof compared>>;

/** Each call is what brute force says, with the rule and the place. */
function expectSame({ calls }: Compared): void {
	for (const { id, expected, reported } of calls) {
		if (reported === null) expect({ id, class: expected.class }).toEqual({ id, class: "unchanged" });
		else expect({ id, ...reported }).toEqual({ id, ...expected });
	}
}

/** The counts of the report are those of brute force: of all, by agent, tool and day. */
function expectSameCounts({ calls, report: { tally } }: Compared): void {
	expect(tally.counts).toEqual(countedBy(calls, () => "all").get("all"));
	for (const [found, nameOf] of [
		[tally.agents, ({ agent }: Compared["calls"][number]) => agent],
		[tally.tools, ({ tool }: Compared["calls"][number]) => tool],
		[tally.days, ({ day }: Compared["calls"][number]) => day],
	] as const)
		expect(new Map(found)).toEqual(countedBy(calls, nameOf));
}

function countedBy(calls: Compared["calls"], nameOf: (call: Compared["calls"][number]) => string) {
	const found = new Map<string, ReturnType<typeof noCounts>>();
	for (const call of calls) {
		const own = found.get(nameOf(call)) ?? noCounts();
		own[call.expected.class] += 1;
		found.set(nameOf(call), own);
	}
	return found;
}

/** Every sample of a report, by the verdicts that `assent decide` gives its call under both. */
function expectSamples({ report, calls }: Compared): void {
	const byId = new Map(calls.map((call) => [call.id, call]));
	const samples = [report.tally.first, report.tally.costliest].flatMap((kept) => [...kept.values()].flat());
	for (const { call, recorded, candidate } of samples) {
		const { expected, hasBudget } = byId.get(call.id) as Compared["calls"][number];
		if (hasBudget) continue;
		const { was, is } = expected;
		expect({ id: call.id, was: rulingText(recorded), is: candidate === null ? null : rulingText(candidate) }).toEqual({
			id: call.id,
			was,
			is,
		});
	}
}

describe.each([
	["the demo's calls", join("examples", "demo", "calls.jsonl"), true],
	["real calls", SHARED, existsSync(SHARED)],
] as const)("%s, recorded under one policy and decided again under another", (_, calls, isThere) => {
	it.runIf(isThere).each(PAIRS)(
		"are what `decide` says of each, without limits: %s, %s",
		{ timeout: 240_000 },
		async (base, other) => {
			const log = await recorded(calls, unlimited(base));
			const found = await compared(log, unlimited(other));
			expect(found.calls.filter(({ hasBudget }) => hasBudget)).toEqual([]);
			expectSame(found);
			expectSameCounts(found);
			expectSamples(found);
			expect(found.report.tally.first.size).toBeGreaterThan(0);
		},
	);

	it.runIf(isThere).each(PAIRS)(
		"are what `decide` says of each, but for those that a budget decides: %s, %s",
		{ timeout: 240_000 },
		async (base, other) => {
			const log = await recorded(calls, whole(base));
			const found = await compared(log, whole(other));
			const left = found.calls.filter(({ hasBudget }) => !hasBudget);
			expect(left.length).toBeGreaterThan(found.calls.length * 0.9);
			expectSame({ ...found, calls: left });
			expectSamples(found);
		},
	);

	it.runIf(isThere).each(NAMES)(
		"are told of by the command as they were found: %s",
		{ timeout: 240_000 },
		async (base) => {
			const other = NAMES[(NAMES.indexOf(base) + 1) % NAMES.length] as string;
			const { log } = await recorded(calls, whole(base));
			const { tally } = await reAudited(log, await compiledFile(whole(other)));
			const { exit, stdout, stderr } = await runCli(["replay", "--log", log, "--policy", whole(other), "--json"]);
			expect(exit, stderr).toBe(0);
			const { counts, by, samples } = JSON.parse(stdout) as Reported;
			expect(counts).toEqual(tally.counts);
			for (const [told, known] of [
				[by.rule, tally.rules],
				[by.agent, tally.agents],
				[by.tool, tally.tools],
				[by.day, tally.days],
			] as const)
				expect(new Map(told.map(({ name, ...each }) => [name, each]))).toEqual(new Map(known));
			for (const which of ["first", "costliest"] as const) {
				const told = Object.entries(samples).flatMap(([name, kept]) => kept[which].map(({ id }) => `${name} ${id}`));
				const known = [...tally[which]].flatMap(([name, kept]) => kept.map(({ call }) => `${name} ${call.id}`));
				expect(told.sort()).toEqual(known.sort());
			}
		},
	);
});
