/** Small edits of a policy, such as people make: a bound that is moved, a word more in a list, a rule less. */
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { meaningful } from "./meaning.ts";
import {
	ADDRESS_CLASSES_USED,
	ATTRIBUTES_ASKED,
	CATEGORY_WORDS,
	CONFIDENCES,
	EMAILS,
	EXPIRIES,
	HOSTS,
	LISTED,
	ONE_OF,
	PATHS,
	PATTERN_SELECTORS,
	RANGES,
	REDACTED,
	REGEXES,
	SIZES,
	STAGES,
	SUBSTRINGS,
	TEST_PATHS,
	TEST_SELECTORS,
	TEXT_GLOBS,
	TOOL_GLOBS,
} from "./words.ts";

type Path = readonly (string | number)[];

/** What is put at a path; nothing: what is there is taken away. */
export interface Edit {
	/** What is edited: `conditions number`. */
	readonly label: string;
	readonly path: Path;
	readonly value: Json | undefined;
}

export interface EditChoice {
	/** Which of the kinds of edits that there are, and which of that kind. */
	readonly kind: number;
	readonly which: number;
	/** A policy that rules are taken from. */
	readonly donor: JsonObject;
}

/** Every kind of edit is as likely, however many there are of it. */
export function edited(
	document: JsonObject,
	{ kind, which, donor }: EditChoice,
): { label: string; document: JsonObject } {
	const edits = editsOf(document, donor);
	const labels = [...new Set(edits.map(({ label }) => label))].sort();
	const label = labels[kind % labels.length] as string;
	const same = edits.filter((edit) => edit.label === label);
	const { path, value } = same[which % same.length] as Edit;
	return { label, document: meaningful(withValue(document, path, value) as JsonObject) as JsonObject };
}

type Values = Readonly<Record<string, readonly Json[]>>;

const TOOLS: Json[] = [["*"], ["bash"], ["fs.*"], ["fs.read"], ["m*", "bash"], ["[bm]*"]];
const ABOUT: Values = { tools: TOOLS, except: [["fs.read"], ["bash", "mail"], ["m*"]] };
const FORCE: Values = { mode: ["audit", "enforce"], effect: ["deny", "hold"], approval: ["two", "ann"], stage: STAGES };
const CASE: Values = { case: ["sensitive", "insensitive"] };
const MISSING: Values = { missing: ["match", "ignore"] };

/** By the map that a key is in: what may be written there instead, or as well. */
const OTHERS = {
	document: {
		mode: ["audit", "enforce"],
		stage: STAGES,
		appliesTo: [{ tenants: ["acme"] }, { agents: ["ops-*"] }, { tenants: ["*"] }, { agents: ["c*", "ops-1"] }],
	},
	tools: { default: ["allow", "deny", "hold"], allow: ["all", "none", ["bash", "fs.*"]], approval: ["two", "ann"] },
	deny: { ...ABOUT, mode: ["audit", "enforce"], stage: STAGES },
	hold: { ...ABOUT, mode: ["audit", "enforce"], approval: ["two", "ann", "default"], stage: STAGES },
	allow: ABOUT,
	patterns: {
		...ABOUT,
		...FORCE,
		...CASE,
		...MISSING,
		in: [...PATTERN_SELECTORS, ["args.command", "args.path"], ["args", "tool"]],
		unless: [
			{ regex: "rm -rf" },
			{ regex: ["dd", "^rm"] },
			{ glob: "rm*", style: "text" },
			{ glob: "/srv/**", style: "path" },
		],
		style: ["path", "text"],
	},
	unless: { ...CASE, style: ["path", "text"] },
	conditions: { ...ABOUT, ...FORCE },
	test: {
		...CASE,
		...MISSING,
		in: [...TEST_SELECTORS, ["args.command", "args.path"]],
		number: RANGES,
		length: SIZES,
		count: SIZES,
		boolean: [true, false],
		present: [true, false],
		sameAs: ["args.command", "args.path"],
		style: ["path", "text"],
	},
	url: {
		schemes: [["https"], ["http", "https"]],
		ports: [[443], [81, 443]],
		classes: [["private"], ["loopback", "private"]],
		hosts: [["a.com"], ["*.a.com", "a.com"]],
	},
	intents: { ...ABOUT, ...FORCE, confidence: CONFIDENCES },
	facts: { ...ABOUT, ...FORCE, has: ATTRIBUTES_ASKED, all: ATTRIBUTES_ASKED, none: ATTRIBUTES_ASKED },
	commands: { ...ABOUT, ...FORCE },
	sequences: { ...FORCE, scope: ["session", "agent"], within: ["1s", "1m", "2m"] },
	calls: ABOUT,
	exceptions: { ...ABOUT, expires: EXPIRIES, appliesTo: [{ agents: ["ops-*"] }, { tenants: ["acme"] }] },
	limits: {
		...ABOUT,
		...FORCE,
		scope: ["session", "agent", "tenant"],
		per: ["60ms", "1s", "59s", "1m", "2m", "1h"],
	},
	obligations: { ...ABOUT, deadline: ["1s", "1m", "30m"], lease: ["20m", "2h"] },
	approvals: {
		approvers: [["*"], ["ann"], ["a*"], ["bob", "ann"]],
		quorum: [1, 2],
		self: ["refused", "allowed"],
		expires: ["10m", "30m", "1h"],
	},
} as const satisfies Readonly<Record<string, Values>>;

type Where = keyof typeof OTHERS;

/** Lists that get a word more, or one less. */
const WORDS: Values = {
	tools: TOOL_GLOBS,
	except: TOOL_GLOBS,
	allow: TOOL_GLOBS,
	regex: REGEXES,
	substring: SUBSTRINGS,
	glob: [...TEXT_GLOBS, ...PATHS],
	path: TEST_PATHS,
	email: EMAILS,
	oneOf: ONE_OF,
	hosts: HOSTS,
	classes: ADDRESS_CLASSES_USED,
	categories: CATEGORY_WORDS,
	only: LISTED,
	redact: REDACTED,
	approvers: ["*", "ann", "bob", "a*"],
};

/** Of these a test has one. */
const PREDICATES: ReadonlySet<string> = new Set(["number", "length", "count", "boolean", "present", "sameAs"]);

/** Sections that hold named entries. */
export const NAMED_SECTIONS = [
	"patterns",
	"conditions",
	"intents",
	"facts",
	"commands",
	"sequences",
	"exceptions",
	"limits",
	"obligations",
] as const;

function editsOf(document: JsonObject, donor: JsonObject): readonly Edit[] {
	const edits: Edit[] = [];
	const tests = NAMED_SECTIONS.flatMap((section) =>
		rulesOf(donor, section).flatMap((rule) => [...testsOf(rule["when"]), ...testsOf(rule["require"])]),
	);

	const lookAt = (value: Json, path: Path, where: Where, section: string): void => {
		if (!isMap(value)) return;
		const others: Values = OTHERS[where];
		for (const [key, choices] of Object.entries(others)) {
			const label = `${section} ${key}`;
			const at = [...path, key];
			const now = value[key];
			const isPredicate = PREDICATES.has(key);
			if (now === undefined && (isPredicate || key === "style")) continue;
			for (const choice of choices) if (!isSame(choice, now)) edits.push({ label, path: at, value: choice });
			if (now !== undefined && !isPredicate) edits.push({ label, path: at, value: undefined });
		}
		for (const key of ["max", "reserve"]) {
			const now = value[key];
			if (where !== "limits" || (now === undefined && key === "max")) continue;
			for (const amount of amountsOf(value["measure"]))
				edits.push({ label: `${section} ${key}`, path: [...path, key], value: amount });
			if (now !== undefined && key === "reserve")
				edits.push({ label: `${section} ${key}`, path: [...path, key], value: undefined });
		}
		for (const [key, words] of Object.entries(WORDS)) {
			const now = value[key];
			if (now === undefined || isMap(now) || (typeof now === "string" && key === "allow")) continue;
			lookAtList(now, words, [...path, key], `${section} ${key}`);
		}
		for (const key of ["when", "require"] as const) {
			if (where !== "conditions" && where !== "calls" && !(where === "exceptions" && key === "when")) continue;
			lookAtTests(value[key], [...path, key], section, key);
		}
		if (isMap(value["unless"])) lookAt(value["unless"], [...path, "unless"], "unless", `${section} unless`);
		if (isMap(value["url"])) lookAt(value["url"], [...path, "url"], "url", `${section} url`);
	};

	const lookAtList = (now: Json, words: readonly Json[], path: Path, label: string): void => {
		const items = Array.isArray(now) ? (now as readonly Json[]) : [now];
		for (const word of words) {
			if (items.includes(word)) continue;
			edits.push({ label, path, value: [...items, word] });
			if (items.length > 0) edits.push({ label, path, value: [...items.slice(0, -1), word] });
		}
		if (items.length > 1)
			for (const item of items) edits.push({ label, path, value: items.filter((each) => each !== item) });
	};

	const lookAtTests = (now: Json | undefined, path: Path, section: string, key: string): void => {
		const label = `${section} ${key}`;
		const all = testsOf(now);
		for (const more of tests) edits.push({ label, path, value: [...all, more] });
		if (now !== undefined) edits.push({ label, path, value: undefined });
		for (const [place, test] of all.entries()) {
			if (all.length > 1) edits.push({ label, path, value: all.filter((each) => each !== test) });
			lookAt(test, Array.isArray(now) ? [...path, place] : path, "test", section);
		}
	};

	lookAt(document, [], "document", "policy");
	const tools = document["tools"] as JsonObject;
	lookAt(tools, ["tools"], "tools", "tools");
	for (const list of ["deny", "hold", "allow"] as const) {
		const entries = tools[list];
		if (!Array.isArray(entries)) continue;
		lookAtRules(entries, rulesIn((donor["tools"] as JsonObject)[list]), ["tools", list], `tools ${list}`);
		for (const [place, entry] of entries.entries())
			lookAt(entry as Json, ["tools", list, place], list, `tools ${list}`);
	}
	for (const section of NAMED_SECTIONS) {
		const rules = rulesOf(document, section);
		if (section !== "exceptions") lookAtRules(rules, rulesOf(donor, section), [section], section);
		else
			for (const [place] of rules.entries())
				edits.push({ label: "exceptions rule", path: [section, place], value: undefined });
		for (const [place, rule] of rules.entries()) {
			lookAt(rule, [section, place], section, section);
			for (const call of ["after", "then"] as const)
				if (section === "sequences") lookAt(rule[call] as Json, [section, place, call], "calls", section);
		}
	}
	for (const [name, entry] of Object.entries(document["approvals"] as JsonObject))
		lookAt(entry as Json, ["approvals", name], "approvals", "approvals");
	return edits;

	function lookAtRules(rules: readonly Json[], others: readonly Json[], path: Path, section: string): void {
		const label = `${section} rule`;
		for (const [place] of rules.entries()) edits.push({ label, path: [...path, place], value: undefined });
		for (const [place, other] of others.entries()) {
			const name = isMap(other) && "name" in other ? { name: `${String(other["name"])}-${place}` } : {};
			edits.push({ label, path, value: [...rules, isMap(other) ? { ...other, ...name } : other] });
		}
		if (rules.length > 1) edits.push({ label, path, value: [...rules].reverse() });
	}
}

function amountsOf(measure: Json | undefined): readonly Json[] {
	switch (measure) {
		case "execution_time":
			return ["100ms", "500ms", "1s", "2s", "3s"];
		case "cost":
			return [0, "0.000001", "0.000005", "0.000007", "0.00001"];
		default:
			return [0, 1, 2, 3, 4, 5, 6, 10];
	}
}

const isMap = (value: Json | undefined): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const isSame = (one: Json, other: Json | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

const rulesIn = (list: Json | undefined): readonly Json[] => (Array.isArray(list) ? (list as Json[]) : []);

const rulesOf = (document: JsonObject, section: string): readonly JsonObject[] =>
	rulesIn(document[section]) as readonly JsonObject[];

const testsOf = (tests: Json | undefined): readonly JsonObject[] =>
	tests === undefined ? [] : ((Array.isArray(tests) ? tests : [tests]) as JsonObject[]);

function withValue(of: Json | undefined, [step, ...rest]: Path, value: Json | undefined): Json | undefined {
	if (step === undefined) return value;
	if (Array.isArray(of)) {
		return (of as readonly Json[]).flatMap((each, place) => {
			if (place !== step) return [each];
			const changed = withValue(each, rest, value);
			return changed === undefined ? [] : [changed];
		});
	}
	const changed = withValue(isMap(of) ? of[step] : undefined, rest, value);
	const { [step]: _, ...others } = (of ?? {}) as JsonObject;
	return changed === undefined ? others : { ...(of as JsonObject), [step]: changed };
}
