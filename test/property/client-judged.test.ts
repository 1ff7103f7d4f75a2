import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AssentClient } from "../../src/client/client.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { decodeInput } from "../../src/core/codec/decode.ts";
import type { LogRecord } from "../../src/ports/log/log.ts";
import type { Processor } from "../../src/processor/processor.ts";
import { LogWorld, startProcessor } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: all}
tools: {allow: all}
patterns: [{name: rm, substring: rm -rf}]
obligations: [{redact: [args.secret]}]
`;

const plain = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		fc.constantFrom(null, true, false, "ls", "rm -rf /", 0, 1.5),
		fc.integer(),
		fc.string({ unit: "grapheme" }),
		fc.array(tie("value"), { maxLength: 4 }),
		fc.dictionary(fc.constantFrom("command", "secret", "a/b", "", "é", "constructor"), tie("value"), { maxKeys: 4 }),
	),
})).value;

/** What is no plain JSON, made anew for each run: name, maker, and what it would run. */
const EXOTIC: readonly (readonly [string, () => unknown])[] = [
	["Map", () => new Map([["x", "rm -rf /"]])],
	["Set", () => new Set(["rm -rf /"])],
	["Date", () => new Date(0)],
	["Buffer", () => Buffer.from("rm -rf /")],
	["typed array", () => new Uint16Array(2)],
	["URL", () => new URL("https://x/rm")],
	["boxed text", () => Object("rm -rf /")],
	["boxed number", () => Object(1)],
	["boxed -0 in a list", () => [-0]],
	["RegExp", () => /rm/],
	["Error", () => new Error("rm -rf /")],
	["Promise", () => Promise.resolve("rm -rf /")],
	[
		"class instance",
		() =>
			new (class Call {
				command = "ls";
			})(),
	],
	[
		"class getter",
		() =>
			new (class Call {
				get command() {
					return "rm -rf /";
				}
			})(),
	],
	["accessor", () => Object.defineProperty({}, "command", { enumerable: true, get: () => "rm -rf /" })],
	["hidden member", () => Object.defineProperty({ a: 1 }, "command", { value: "rm -rf /" })],
	["inherited member", () => Object.create({ command: "rm -rf /" })],
	["symbol key", () => ({ [Symbol("command")]: "rm -rf /" })],
	["hole", () => new Array(2)],
	["array with a member", () => Object.assign(["ls"], { extra: "rm -rf /" })],
	["toJSON", () => ({ command: "rm -rf /", toJSON: () => "ls" })],
	["function", () => () => "rm -rf /"],
	["symbol", () => Symbol("rm")],
	["BigInt", () => 10n],
	["unsafe integer", () => 2 ** 53 + 2],
	["1e300", () => 1e300],
	["NaN", () => Number.NaN],
	["infinity", () => Number.POSITIVE_INFINITY],
	["-0", () => -0],
	["lone surrogate", () => "rm\ud83d"],
	["lone surrogate in a key", () => ({ "\udc00": 1 })],
	["own __proto__", () => JSON.parse('{"__proto__":{"command":"rm -rf /"}}')],
	["undefined item", () => [undefined]],
	[
		"cycle",
		() => {
			const self: unknown[] = [];
			self.push(self);
			return self;
		},
	],
	["too deep", () => JSON.parse(`${"[".repeat(80)}${"]".repeat(80)}`)],
	[
		"revoked proxy",
		() => {
			const { proxy, revoke } = Proxy.revocable({}, {});
			revoke();
			return proxy;
		},
	],
];

/** Values that are judged as they are read once: each further look would show something else. */
const liar = (): unknown => {
	let looks = 0;
	return new Proxy({ command: "ls" } as Record<string, unknown>, {
		get: () => (looks++ === 0 ? "ls" : "rm -rf /"),
		getOwnPropertyDescriptor: (of, key) => {
			const member = Reflect.getOwnPropertyDescriptor(of, key);
			return member && { ...member, value: looks++ === 0 ? "ls" : "rm -rf /" };
		},
	});
};

/** The recipe with each `exotic N` made anew: shrinking looks at recipes, which are plain. */
function planted(recipe: unknown): unknown {
	if (typeof recipe === "string" && recipe.startsWith("exotic ")) {
		return (EXOTIC[Number(recipe.slice(7))]?.[1] ?? liar)();
	}
	if (Array.isArray(recipe)) return recipe.map(planted);
	if (recipe === null || typeof recipe !== "object") return recipe;
	return Object.fromEntries(Object.entries(recipe).map(([key, member]) => [key, planted(member)]));
}

const isFrozenThrough = (value: unknown): boolean =>
	value === null ||
	typeof value !== "object" ||
	(Object.isFrozen(value) && Object.values(value).every((member) => isFrozenThrough(member)));

/** Changes whatever can be changed of a value, as a framework does with its state. */
function scramble(value: unknown, depth = 0): void {
	if (value === null || typeof value !== "object" || depth > 5) return;
	for (const key of Object.keys(value)) {
		scramble((value as Record<string, unknown>)[key], depth + 1);
		Reflect.set(value, key, "rm -rf /");
	}
	Reflect.set(value, "added", "rm -rf /");
}

/** The value with `undefined` members left out and without what freezing or prototypes add. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a guarded tool, whatever it is called with", () => {
	const world = new LogWorld();
	let processor: Processor;
	let client: AssentClient;
	let runs = 0;
	let received: unknown;
	let tool: (args: JsonObject) => Promise<unknown>;

	beforeAll(async () => {
		await world.policies(POLICY);
		({ processor } = await startProcessor(world));
		client = await new AssentClient({ log: world.handle(), layout: world.layout }).start();
		tool = client.guard("shell", async (args: JsonObject) => {
			runs += 1;
			received = args;
		});
	});
	afterAll(async () => {
		await client.close();
		await processor.drain();
	});

	const published = async (from: number): Promise<LogRecord[]> => {
		const records = await world.log.read({ topic: "intents", partition: 0 }, from);
		return records.filter(({ headers }) => headers["ce_type"] === "dev.assent.intent.submitted.v1");
	};

	async function call(args: unknown): Promise<{ decided: unknown; ran: boolean; thrown: unknown }> {
		const { end } = await world.log.bounds({ topic: "intents", partition: 0 });
		const before = runs;
		const running = tool(args as JsonObject).then(
			() => null,
			(thrown: unknown) => thrown,
		);
		try {
			scramble(args);
		} catch {
			// A proxy that cannot even be changed.
		}
		const thrown = await running;
		const [record] = await published(end);
		const read = record === undefined ? null : decodeInput(record.value, "intents");
		const decided = read?.ok && read.value.type === "intent.submitted" ? JSON.parse(read.value.argsText) : undefined;
		return { decided, ran: runs > before, thrown };
	}

	it("runs the frozen parse of the decided text, or nothing at all", async () => {
		const value = fc.oneof(
			plain,
			fc.nat(EXOTIC.length).map((nth) => `exotic ${nth}`),
			fc.constant(undefined),
		);
		const args = fc.oneof(value, fc.dictionary(fc.constantFrom("command", "secret", "x", "y"), value, { maxKeys: 3 }));
		let ran = 0;
		await fc.assert(
			fc.asyncProperty(args, async (recipe) => {
				const of = await call(planted(recipe));
				if (!of.ran) {
					// Refused before anything was asked, or denied by the policy.
					const isRefused = of.thrown instanceof AssentError && of.decided === undefined;
					expect(isRefused || (of.thrown as Error).name === "ToolCallDenied").toBe(true);
					return;
				}
				ran += 1;
				const { secret, ...rest } = of.decided as Record<string, unknown>;
				expect(received).toEqual(secret === undefined ? rest : { ...rest, secret: "[redacted]" });
				expect(JSON.stringify(rest)).not.toContain("rm -rf");
				expect(isFrozenThrough(received)).toBe(true);
			}),
			{ numRuns: 400 },
		);
		expect(ran).toBeGreaterThan(50);
	});

	it("runs plain JSON as it was given, members that are undefined left out", async () => {
		const members = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(plain, fc.constant(undefined)));
		await fc.assert(
			fc.asyncProperty(members, async (given) => {
				const before = asJson(given);
				const of = await call(given);
				const isDenied = JSON.stringify(before).includes("rm -rf");
				expect(of.ran).toBe(!isDenied);
				if (!isDenied) expect(received).toEqual(before);
			}),
			{ numRuns: 150 },
		);
	});

	it.each(EXOTIC)("refuses %s wherever it stands, and names the place", async (_what, make) => {
		const path = fc.array(fc.constantFrom("x", "y", "z/~"), { minLength: 1, maxLength: 4 });
		await fc.assert(
			fc.asyncProperty(path, async (keys) => {
				const given = keys.reduceRight<unknown>((inner, key) => ({ a: 1, [key]: inner }), make());
				const pointer = keys.map((key) => `/${key.replace("~", "~0").replace("/", "~1")}`).join("");
				const of = await call(given);
				expect(of.thrown).toBeInstanceOf(AssentError);
				expect((of.thrown as AssentError).message).toContain(`\`${pointer}`);
				expect([of.ran, of.decided]).toEqual([false, undefined]);
			}),
			{ numRuns: 5 },
		);
	});
});
