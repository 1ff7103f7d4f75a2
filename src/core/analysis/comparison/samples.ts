/** Arguments that are worth trying on two sets of policies: at the edges of what their rules tell apart. */
import { ANY_STEP, type ArgumentPath } from "../../arguments/path.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { complement, difference } from "../../language/language.ts";
import { PLACEHOLDERS } from "../../match/path-globs.ts";
import type { CompiledPatternRule, CompiledTest, Predicate } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import type { Cell, CellNames } from "./cells.ts";
import { languageOfAll } from "./pattern-languages.ts";
import { ReadingCalls } from "./reading-calls.ts";
import type { Tested } from "./test-inclusion.ts";
import { TRIED_FACTS, TRIED_SESSION } from "./trial-pair.ts";

/** Calls that are tried for one cell. */
const SAMPLES_MAX = 600;
/** Values for one place. */
const VALUES_MAX = 24;

/** A place and what to put there; null: nothing. */
export interface Placing {
	readonly path: ArgumentPath;
	readonly value: Json | null;
	readonly ofKeys?: boolean;
}

export class Samples {
	/** A key that no rule names: what may be anywhere is put there. */
	readonly probe: string;
	readonly #asker: Asker;
	readonly #readings = new ReadingCalls();
	readonly #valuesOf = new WeakMap<object, readonly Json[]>();

	constructor(asker: Asker, probe: string) {
		this.#asker = asker;
		this.probe = probe;
	}

	/** Arguments for calls of a cell; `first` are tried before all others. */
	argsOf({ sides, names }: Cell, first: readonly Placing[]): readonly JsonObject[] {
		const patterns = sides.flatMap(({ patternRules }) => patternRules);
		const conditions: readonly Tested[] = sides.flatMap(({ conditionRules, begins, completes }) => [
			...conditionRules,
			...begins.map(({ after }) => after),
			...completes.map(({ completedBy }) => completedBy),
		]);
		const passing = [
			...patterns.flatMap((rule) => this.#passingPattern(rule)),
			...conditions.flatMap((rule) => this.#passingTests(rule)),
		];
		const base = passing.reduce<JsonObject>((args, placing) => this.#placed(args, placing), {});
		const tried = [
			...first.flatMap((placing) => this.#keyed(placing)),
			...patterns.flatMap((rule) => this.#placingsOf(rule)),
			...conditions.flatMap((rule) => [...rule.when, ...rule.require].flatMap((test) => this.#placingsOfTest(test))),
			...conditions.flatMap(({ require }) => require.flatMap((test) => this.#doublesOf(test))),
			...sides.flatMap(({ exceptions }) =>
				exceptions.flatMap((rule) => rule.when.flatMap((test) => this.#placingsOfTest(test))),
			),
		];
		const found = new Map<string, JsonObject>();
		const add = (args: JsonObject): void => {
			if (found.size >= SAMPLES_MAX) return;
			const text = JSON.stringify(args);
			const filled = filledText(text, names);
			found.set(filled, filled === text ? args : (JSON.parse(filled) as JsonObject));
		};
		add({});
		add(base);
		const kinds = sides.flatMap(({ begins, completes }) => [
			...begins.map(({ after }) => after),
			...completes.map(({ completedBy }) => completedBy),
		]);
		const read = this.#readings.apart(
			[
				...sides.flatMap(({ readingRules }) => readingRules.map(({ looksFor }) => looksFor)),
				...kinds.flatMap(({ readings }) => readings),
			],
			names.tool ?? "",
		);
		for (const args of read) {
			add(args);
			add({ ...base, ...args });
		}
		for (const placing of tried) {
			add(this.#placed({}, placing));
			add(this.#placed(base, placing));
		}
		// What several tests of one rule, or of an exception, must see at once.
		for (const rule of [...sides.flatMap(({ exceptions }) => exceptions), ...conditions]) {
			const meeting = rule.when.flatMap((test) => this.#meeting(test));
			const met = meeting.reduce<JsonObject>((args, placing) => this.#placed(args, placing), base);
			add(met);
			add(meeting.reduce<JsonObject>((args, placing) => this.#placed(args, placing), {}));
			if ("readings" in rule && rule.when.length > 0) for (const args of read) add({ ...met, ...args });
			for (const placing of tried) add(this.#placed(met, placing));
		}
		return [...found.values()];
	}

	/** Rules that look at all arguments look at keys as well: of these one is free of what they look for, mostly. */
	#keyed(placing: Placing): readonly Placing[] {
		if (placing.path.length > 0) return [placing];
		return [this.probe, "0", "~", "/", ""].map((key) => ({ ...placing, path: [key] }));
	}

	/** The arguments with a value at a place. */
	#placed(args: JsonObject, { path, value, ofKeys = false }: Placing): JsonObject {
		const names = path.map((step) => (step === ANY_STEP ? this.probe : step));
		if (names.length === 0) return value === null ? {} : { ...args, [this.probe]: value };
		if (ofKeys && typeof value === "string") return withValue(args, [...names.slice(0, -1), value], "x");
		return withValue(args, names, value);
	}

	#placingsOf(rule: CompiledPatternRule): readonly Placing[] {
		const values = this.#remember(rule, () => {
			const texts = rule.patterns.flatMap((pattern) => {
				const own = languageOfAll([pattern]);
				return this.#texts(rule.unless.length === 0 ? own : difference(own, languageOfAll(rule.unless)));
			});
			return [...texts, ...(rule.doubts === null ? [] : [7, { a: "b" }])];
		});
		return rule.arguments.flatMap(({ path }) => [
			...values.map((value) => ({ path, value })),
			...(rule.doubts === null ? [] : [{ path, value: null }]),
		]);
	}

	#passingPattern(rule: CompiledPatternRule): readonly Placing[] {
		const [text] = rule.unless.length === 0 ? [] : this.#texts(languageOfAll(rule.unless));
		return text === undefined ? [] : rule.arguments.map(({ path }) => ({ path, value: text }));
	}

	#passingTests({ require }: Tested): readonly Placing[] {
		return require.flatMap((test) => this.#meeting(test));
	}

	/** A value of which the test holds, if one is known. */
	#meeting(test: CompiledTest): readonly Placing[] {
		const [value] = this.#values(test.predicate);
		if (value === undefined) return [];
		return test.selectors.slice(0, 1).map(({ path, ofKeys }) => ({ path, value, ofKeys }));
	}

	#placingsOfTest(test: CompiledTest): readonly Placing[] {
		const values = [...this.#values(test.predicate), null];
		return test.selectors.flatMap(({ path, ofKeys }) => values.map((value) => ({ path, value, ofKeys })));
	}

	/** Something beside what the test is about that may be meant instead: what is required is in doubt then. */
	#doublesOf({ selectors, predicate }: CompiledTest): readonly Placing[] {
		const [value = "x"] = this.#values(predicate);
		return selectors.flatMap(({ path }) => {
			const last = path.findLastIndex((step) => step !== ANY_STEP);
			const step = path[last];
			if (typeof step !== "string") return [];
			const capital = step.charAt(0).toUpperCase() + step.slice(1);
			return [{ path: path.with(last, capital === step ? `${step}_` : capital), value }];
		});
	}

	/** First one of which the predicate holds, then others around it. */
	#values(predicate: Predicate): readonly Json[] {
		return this.#remember(predicate, () => this.#valuesOfPredicate(predicate)).slice(0, VALUES_MAX);
	}

	#valuesOfPredicate(predicate: Predicate): readonly Json[] {
		switch (predicate.kind) {
			case "number": {
				const around = predicate.range.flatMap(({ than: { sign, digits, magnitude } }) => {
					const bound = sign * Number(`0.${digits}e${magnitude}`);
					return Number.isSafeInteger(Math.trunc(bound)) ? [bound, bound + 1, bound - 1, bound + 0.5] : [];
				});
				const isMet = (value: number): boolean =>
					predicate.range.every(({ relation, than }) => isNear(value, relation, than));
				return [...around.filter(isMet), ...around.filter((value) => !isMet(value)), "12abc"];
			}
			case "length":
			case "count": {
				const sizes = predicate.range
					.map(({ than: { digits, magnitude } }) => Number(`0.${digits}e${magnitude}`))
					.flatMap((size) => [size, size + 1, size - 1])
					.filter((size) => Number.isInteger(size) && size >= 0 && size <= SIZE_MAX);
				return sizes.map((size) =>
					predicate.kind === "length" ? "x".repeat(size) : new Array<string>(size).fill("x"),
				);
			}
			case "oneOf":
				return [...predicate.values, ...predicate.values.map(String), "something else"];
			case "boolean":
				return [predicate.wanted, !predicate.wanted, "yes"];
			case "present":
				return ["x"];
			case "sameAs":
				return ["x", "y"];
			case "url": {
				const { hosts, schemes, ports, classes } = predicate.url;
				const below = (host: string): string => (host === "" ? ".example" : host);
				const names =
					hosts?.flatMap(({ host, isSuffix }) => (isSuffix ? [`a${below(host)}`, `b${below(host)}`] : [host])) ?? [];
				const addresses = classes === null ? [] : ADDRESSES;
				const urls = [...names, ...addresses, "elsewhere.example"].flatMap((host) => [
					...(schemes ?? ["https"]).map((scheme) => `${scheme}://${host}/`),
					...(ports ?? hosts?.flatMap(({ port }) => port ?? []) ?? []).map((port) => `https://${host}:${port}/`),
				]);
				return [...urls, "http://elsewhere.example/", "ftp://elsewhere.example/", "not a url"];
			}
			case "path":
				return [
					...["a", "b"].flatMap((name) =>
						predicate.globs.map(({ text }) => text.replace(/^~(?=\/|$)/, "{home}").replaceAll(/\*+|\?/g, name)),
					),
					"/elsewhere",
					"a",
				];
			case "email":
				return [
					...predicate.patterns.flatMap((pattern) => this.#texts(languageOfAll([pattern]))),
					"a@elsewhere.example",
				];
			case "text":
				return [
					...predicate.patterns.flatMap((pattern) => this.#texts(languageOfAll([pattern]))),
					...this.#texts(complement(languageOfAll(predicate.patterns))),
				];
		}
	}

	#texts(language: Parameters<Asker["shortest"]>[0]): readonly string[] {
		const found = this.#asker.shortest(language);
		return found.is === "text" ? [found.text] : [];
	}

	#remember(key: object, make: () => readonly Json[]): readonly Json[] {
		const known = this.#valuesOf.get(key) ?? make();
		this.#valuesOf.set(key, known);
		return known;
	}
}

/** Of each class, and such as are of one alone. */
const ADDRESSES = [
	"10.0.0.1",
	"192.168.0.1",
	"127.0.0.1",
	"169.254.1.1",
	"169.254.169.254",
	"168.63.129.16",
	"0.0.0.1",
];

const PLACEHOLDER = new RegExp(`\\{(${PLACEHOLDERS.join("|")})\\}`, "g");

/** What globs over files mean, in JSON: names of calls that are tried need no escapes there, or are not found. */
function filledText(text: string, { tenant, agent }: CellNames): string {
	const call = { ...TRIED_FACTS, tenant: tenant ?? "", agent: agent ?? "", session: TRIED_SESSION };
	return text.replace(PLACEHOLDER, (_, name: (typeof PLACEHOLDERS)[number]) => JSON.stringify(call[name]).slice(1, -1));
}

/** Longer texts and lists are not made. */
const SIZE_MAX = 1_000;

function isNear(
	value: number,
	relation: string,
	{ sign, digits, magnitude }: { sign: number; digits: string; magnitude: number },
): boolean {
	const bound = sign * Number(`0.${digits === "" ? "0" : digits}e${magnitude}`);
	switch (relation) {
		case ">":
			return value > bound;
		case ">=":
			return value >= bound;
		case "<":
			return value < bound;
		case "<=":
			return value <= bound;
		default:
			return value === bound;
	}
}

function withValue(args: JsonObject, [step = "", ...rest]: readonly string[], value: Json | null): JsonObject {
	if (rest.length === 0) {
		if (value !== null) return { ...args, [step]: value };
		const { [step]: _, ...others } = args;
		return others;
	}
	const below = args[step];
	const inner = typeof below === "object" && below !== null && !Array.isArray(below) ? (below as JsonObject) : {};
	return { ...args, [step]: withValue(inner, rest, value) };
}
