/** Sessions to play: those that a file has, or ones that are made of the harmless calls of a labelled file. */
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../src/core/base/json.ts";
import { type Category, isDangerous } from "../../src/core/classify/category.ts";

export interface ToolCall {
	readonly tool: string;
	readonly args: JsonObject;
}

export interface SessionGroup {
	readonly name: string;
	readonly sessions: readonly (readonly ToolCall[])[];
}

export interface MadeOptions {
	/** Sessions of each length, and of each way in which calls are picked. */
	readonly sessions: number;
	readonly seed: number;
	/** What each of them begins with; null: nothing else. */
	readonly first: ToolCall | null;
}

interface CallLine extends ToolCall {
	readonly tenant?: string;
	readonly agent?: string;
	readonly session?: string;
	readonly label?: Category;
	readonly also?: readonly Category[];
	readonly kind?: string;
	readonly dangerous?: boolean;
}

/** Calls of a session: few, as the demo's have on the average, and many. */
const LENGTHS = [5, 15, 40] as const;

/** Throws where the file cannot be read. */
export function sessionsOf(path: string, options: MadeOptions): readonly SessionGroup[] {
	const lines = readFileSync(path, "utf8")
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as CallLine);
	const isLabelled = lines.every(({ label }) => label !== undefined);
	return isLabelled ? madeOf(lines.filter(isHarmless), options) : [recorded(lines)];
}

const isHarmless = ({ dangerous, label, also = [] }: CallLine): boolean =>
	dangerous === undefined ? ![label, ...also].some((one) => isDangerous(one as Category)) : !dangerous;

function recorded(lines: readonly CallLine[]): SessionGroup {
	const sessions = Map.groupBy(lines, ({ tenant, agent, session }) => JSON.stringify([tenant, agent, session]));
	return { name: "as recorded", sessions: [...sessions.values()] };
}

/** Calls of all kinds together say least about what follows what; those of one kind are more like one piece of work. */
function madeOf(calls: readonly CallLine[], { sessions, seed, first }: MadeOptions): readonly SessionGroup[] {
	const random = new Random(seed);
	const kinds = [...Map.groupBy(calls, ({ kind = "" }) => kind.replace(/^trap /, "")).values()];
	const ways: readonly (readonly [name: string, pick: () => readonly CallLine[]])[] = [
		["of all kinds", () => calls],
		// As often as there are calls of the kind.
		[
			"of one kind",
			() => {
				const one = random.of(calls);
				return kinds.find((kind) => kind.includes(one)) as readonly CallLine[];
			},
		],
	];
	return ways.flatMap(([name, pick]) =>
		LENGTHS.map((length) => ({
			name: `${length} calls ${name}`,
			sessions: Array.from({ length: sessions }, () => {
				const from = pick();
				const picked = Array.from({ length }, () => random.of(from));
				return first === null ? picked : [first, ...picked];
			}),
		})),
	);
}

/** The same numbers for a seed on every machine. */
class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed;
	}

	of<T>(from: readonly T[]): T {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		const share = ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
		return from[Math.floor(share * from.length)] as T;
	}
}
