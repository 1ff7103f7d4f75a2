/**
 * A document whose form is wrong in places, with something that is right put there, so that the rest can be checked as well:
 * everything that is wrong is told at once.
 */
import type { Json } from "../base/json.ts";
import { type PolicyDocument, policySchema } from "./document.ts";
import type { YamlPath } from "./yaml-source.ts";

export interface Repaired {
	readonly document: PolicyDocument;
	/** Does a part in here replace what was written? */
	readonly isRepaired: (path: YamlPath) => boolean;
}

interface Issue {
	readonly code: string;
	readonly path: readonly PropertyKey[];
	readonly keys?: readonly string[];
}

/** Null where too much of it is wrong. */
export function repaired(data: Json): Repaired | null {
	const copy = structuredClone(data) as Json;
	if (copy === null || typeof copy !== "object" || Array.isArray(copy)) return null;
	const touched: YamlPath[] = [];
	for (let round = 0; round < ROUNDS_MAX; round++) {
		const parsed = policySchema.safeParse(copy);
		if (parsed.success) {
			const isRepaired = (path: YamlPath): boolean =>
				touched.some((place) => path.every((step, depth) => depth >= place.length || place[depth] === step));
			return { document: parsed.data, isRepaired };
		}
		const { issues } = parsed.error;
		if (issues.length > ISSUES_MAX) return null;
		for (const issue of issues as readonly Issue[]) fix(copy, issue, touched);
	}
	return null;
}

const ROUNDS_MAX = 4;
const ISSUES_MAX = 200;

type Container = Record<PropertyKey, unknown>;

function fix(root: Json, { code, path, keys }: Issue, touched: YamlPath[]): void {
	let parent = root as unknown as Container;
	const above = code === "unrecognized_keys" ? path : path.slice(0, -1);
	for (const step of above) {
		const next = Object.hasOwn(parent, step) ? parent[step] : undefined;
		if (next === null || typeof next !== "object") return;
		parent = next as Container;
	}
	// A key that is too much takes nothing away from what is there.
	if (code === "unrecognized_keys") {
		for (const key of keys ?? []) delete parent[key];
		return;
	}
	const last = path.at(-1);
	if (last === undefined) return;
	touched.push([...path] as YamlPath);
	const stand = standIn(path, touched.length);
	if (stand === undefined || code === "invalid_key") delete parent[last];
	else parent[last] = stand;
}

/** Something valid for a place that must not be empty; undefined where it may be. */
function standIn(path: readonly PropertyKey[], count: number): unknown {
	const last = path.at(-1);
	const name = `stand-in-${count}`;
	if (path.length === 1) return TOP[String(last)];
	if (typeof last === "number") {
		const list = path.at(-2);
		if (path.length === 2) return typeof list === "string" ? ENTRIES[list]?.(name) : undefined;
		if (typeof list === "string" && MEMBERS[list] !== undefined) return MEMBERS[list];
		return path[0] === "obligations" ? "args.stand-in" : "stand-in";
	}
	if (path.length === 2 && path[0] === "approvals") return { approvers: ["*"] };
	if (last === "name") return name;
	const values: Readonly<Record<string, unknown>> = path[0] === "exceptions" ? { ...VALUES, ...EXCEPTION } : VALUES;
	return values[String(last)];
}

const TOP: Readonly<Record<string, unknown>> = {
	apiVersion: "assent.dev/v1",
	kind: "Policy",
	metadata: { name: "stand-in" },
	tools: { allow: "all" },
};

const ENTRIES: Readonly<Record<string, ((name: string) => unknown) | undefined>> = {
	patterns: (name) => ({ name, substring: "stand-in" }),
	conditions: (name) => ({ name, when: TEST }),
	intents: (name) => ({ name, categories: ["dangerous"] }),
	facts: (name) => ({ name, fact: "command", has: { program: [name] } }),
	commands: (name) => ({ name, only: [name] }),
	sequences: (name) => ({ name, ...PARTS }),
	exceptions: (name) => ({ ...EXCEPTION, name }),
	limits: (name) => ({ name, measure: "tool_calls", scope: "session", max: 1 }),
	obligations: () => ({ deadline: "1s" }),
};

const CALLS = { tools: ["stand-in"] };
// biome-ignore lint/suspicious/noThenProperty: the key of a policy.
const PARTS = { after: CALLS, then: CALLS };

const TEST = { in: "args.stand-in", present: true };

const EXCEPTION = { rules: ["stand-in"], owner: "stand-in", reason: "stand-in", expires: "2000-01-01T00:00:00Z" };

/** What lists hold that are not lists of texts. */
const MEMBERS: Readonly<Record<string, unknown>> = {
	when: TEST,
	require: TEST,
	ports: 1,
	classes: "private",
	categories: "dangerous",
};

const VALUES: Readonly<Record<string, unknown>> = {
	allow: "all",
	approvers: ["*"],
	measure: "tool_calls",
	scope: "session",
	max: 1,
	tools: ["*"],
	in: "args.stand-in",
	when: TEST,
	require: TEST,
	...PARTS,
};
