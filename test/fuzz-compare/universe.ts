/** The calls on which two sets of policies are tried: a small universe, the same for all pairs, and some at random. */

import type { DecidedCall } from "../../src/core/analysis/trial.ts";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { shareOfSession } from "../../src/core/policy/stages.ts";

export const TOOLS = ["bash", "BASH ", "b\u200bash", "fs.read", "fs.write", "mail"];

export const AGENTS = [
	["acme", "coder"],
	["acme", "ops-1"],
	["beta", "coder"],
	["beta", "ops-1"],
] as const;

/** Before exceptions end, and after. */
const TIMES = [0, 30_000, 300_000];

const ARGS: readonly JsonObject[] = [
	{},
	{ command: "rm" },
	{ command: "rm -rf" },
	{ command: "RM", path: "/srv/a" },
	{ command: "dd", path: "/tmp/a" },
	{ command: "x", path: "x" },
	{ command: 5 },
	{ command: "5", path: 5 },
	{ command: 7, path: "rm" },
	{ command: true },
	{ command: ["rm", "-rf"] },
	{ command: ["/srv/a", "/tmp/b"] },
	{ path: "/srv/../etc/passwd" },
	{ path: "/srv/a\\..\\b" },
	{ path: "/srv/a/b" },
	{ path: "a/b" },
	{ path: "/data/acme/x" },
	{ path: "/repo/x" },
	{ path: "" },
	{ path: { a: "rm" } },
	{ x: { path: "rm" } },
	{ x: { path: "/srv/a", rm: 1 } },
	{ x: "rm" },
	{ Path: "rm", path: "/srv/a" },
	{ command: "https://a.com/", path: "https://x.a.com/" },
	{ command: "http://b.com:81/", path: "http://10.0.0.1/" },
	{ command: "ann@a.com", path: "ann@a.com, bob@b.com" },
	{ list: ["a", "b", "c", "d", "e", "f"] },
	{ list: [1, 6] },
	{ list: [] },
	{ command: "rm -r x; ls" },
	{ command: "cat /etc/shadow | sudo dd of=x" },
];

const VALUES: readonly Json[] = [
	...["rm", "rm", "rm -rf", "RM", "rm -x", "dd", "DD", "x", " ", "", "7", "77 rm", "command", "ab", "abcde", "abcdef"],
	...[
		"/srv/a",
		"/srv/a",
		"/srv/a/b",
		"/srv/a/b/c",
		"/SRV/a",
		"/srv/../etc/passwd",
		"/etc/passwd",
		"/srv/a\\..\\b",
		"\\srv\\a",
	],
	...[
		"/tmp/a",
		"/tmp/a/b",
		"/tmp",
		"a/b",
		"a/b/c",
		"./a/b",
		"/data/acme/x",
		"/data/beta/x",
		"/repo/x",
		"/home/a/x",
		"~/x",
	],
	...["rm --help", "dd if=a", "ls -r x", "cat x /etc/passwd", "rm x && sudo rm -r x", "python3 -c 'eval(input())'"],
	...["/srv/%2e%2e/x", "/srv//a", "file:///srv/a"],
	...["https://a.com/", "https://x.a.com/", "https://y.x.a.com/", "http://a.com", "http://b.com:81/", "https://b.com/"],
	...[
		"http://10.0.0.1/",
		"https://127.0.0.1/",
		"http://169.254.169.254/",
		"http://169.254.1.1:81",
		"ftp://a.com",
		"//a.com",
	],
	...["ann@a.com", "bob@a.com", "ANN@A.COM", "ann@b.com", "ann@a.com, x@b.com", "Ann <ann@a.com>", "ann@x.com"],
	...[5, 5, 5.5, 4.999, 1, 1.5, 0, 10, 11, 6, 7, 8, 2, -1, 1e300, "5", "1e1", " 5", "05", "1.50"],
	...[true, false, "true", null],
	...[
		[],
		{},
		["rm", "-rf"],
		["rm"],
		["x", "rm"],
		["/srv/a", "/etc/passwd"],
		[5, 6],
		[1, "x"],
		["ann@a.com", "bob@b.com"],
	],
	...[["a", "b", "c", "d", "e"], { a: "rm" }, { rm: 1 }, { path: "rm" }, [["rm", "-rf"]], [{ path: "/srv/a" }], [null]],
];

const PLACES = ["command", "command", "path", "path", "list", "x", "x.path", "x.rm", "x.y", "Path", "other", "rm"];

/** Mulberry32. */
export class Chance {
	#state: number;

	constructor(seed: number) {
		this.#state = seed | 0;
	}

	/** From 0 to 1. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	}

	pick<Item>(items: readonly Item[]): Item {
		return items[Math.floor(this.next() * items.length)] as Item;
	}
}

const FACTS: readonly DecidedCall["facts"][] = [
	{ workspace: "/repo", home: "/home/a" },
	{ workspace: "/repo", home: "/home/a" },
	{ workspace: "/srv", home: "/tmp" },
	{ workspace: null, home: "/home/a" },
	null,
];

export const callOf = (parts: Partial<DecidedCall>): DecidedCall => ({
	id: "1",
	tenant: "acme",
	agent: "coder",
	session: "s",
	onBehalfOf: null,
	tool: "bash",
	args: {},
	estimate: { tokens: 0, costMicros: 0 },
	usage: { tokens: null, costMicros: null, executionMs: null },
	facts: FACTS[0] as DecidedCall["facts"],
	at: 0,
	...parts,
});

const EVERYWHERE: readonly DecidedCall[] = AGENTS.flatMap(([tenant, agent]) =>
	TOOLS.flatMap((tool) => ARGS.map((args) => callOf({ tenant, agent, tool, args }))),
);

/** Sessions in each part of the scale that `STAGES` tell apart, for each agent. */
const SESSIONS: readonly (readonly string[])[] = AGENTS.map(([tenant, agent]) =>
	[0, 25, 50].map((from, place, all) => {
		const below = all[place + 1] ?? 100;
		for (let number = 0; ; number++) {
			const session = `s${number}`;
			const share = shareOfSession({ tenant, agent, session }) / 100;
			if (share >= from && share < below) return session;
		}
	}),
);

/** Arguments at random. */
export function randomArgs(chance: Chance): JsonObject {
	let args: JsonObject = chance.next() < 0.3 ? chance.pick(ARGS) : {};
	const count = 1 + Math.floor(chance.next() * 3);
	for (let made = 0; made < count; made++) {
		const [step = "", below] = chance.pick(PLACES).split(".");
		const value = chance.pick(VALUES);
		const inner = args[step];
		const isMap = typeof inner === "object" && inner !== null && !Array.isArray(inner);
		args = {
			...args,
			[step]: below === undefined ? value : { ...(isMap ? (inner as JsonObject) : {}), [below]: value },
		};
	}
	return args;
}

const RANDOM_CALLS = 120;

/** The universe, as far as the sets can tell its calls apart, and calls that are drawn for the pair. */
export function callsFor(
	chance: Chance,
	{ isTimed, isStaged }: { readonly isTimed: boolean; readonly isStaged: boolean },
): readonly DecidedCall[] {
	const drawn = Array.from({ length: RANDOM_CALLS }, () => {
		const place = Math.floor(chance.next() * AGENTS.length);
		const [tenant, agent] = AGENTS[place] as (typeof AGENTS)[number];
		return callOf({
			tenant,
			agent,
			tool: chance.pick(TOOLS),
			args: randomArgs(chance),
			facts: chance.pick(FACTS),
			session: isStaged ? chance.pick(SESSIONS[place] as readonly string[]) : "s",
			at: isTimed ? chance.pick(TIMES) : 0,
		});
	});
	const timed = isTimed ? TIMES.flatMap((at) => EVERYWHERE.map((call) => ({ ...call, at }))) : EVERYWHERE;
	if (!isStaged) return [...timed, ...drawn];
	const staged = timed.flatMap((call) => {
		const place = AGENTS.findIndex(([tenant, agent]) => call.tenant === tenant && call.agent === agent);
		return (SESSIONS[place] as readonly string[]).map((session) => ({ ...call, session }));
	});
	return [...staged, ...drawn];
}

/** One of an agent's sessions. */
export const sessionOf = (chance: Chance, place: number, isStaged: boolean): string =>
	isStaged ? chance.pick(SESSIONS[place] as readonly string[]) : chance.pick(["s", "t"]);
