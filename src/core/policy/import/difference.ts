/** What a translated policy does not say, or says otherwise: named one by one, for a policy that lost a rule looks like one that has it. */
import { type Place, type Problem, problem } from "../../base/errors.ts";
import { visible } from "../../base/safe-text.ts";

export interface Difference {
	/** The part of the original, such as `blocked_patterns[3]`. */
	readonly field: string;
	readonly place: Place;
	/** What the translated policy admits: more calls than the original, fewer, or the same ones. */
	readonly admits: "more" | "fewer" | "the same";
	/** A clause that says why, in lower case. */
	readonly reason: string;
}

/** A policy in another language. */
export interface Translation {
	readonly name: string;
	/** The file, comments with every difference included. */
	readonly text: string;
	/** In the order of the original. */
	readonly differences: readonly Difference[];
}

export const differenceProblem = ({ field, place, admits, reason }: Difference): Problem =>
	problem(
		"POLICY_NOT_CARRIED",
		`\`${field}\`${admits === "the same" ? "" : ` admits ${admits} calls`}: ${reason}`,
		"",
		place,
	);

/** In the order of the file. */
export const inFileOrder = (differences: readonly Difference[]): readonly Difference[] =>
	[...differences].sort(
		(a, b) => (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0),
	);

/** The lines of a comment that says where a policy comes from and what it does not say. */
export function commentLines(origin: string, differences: readonly Difference[]): readonly string[] {
	if (differences.length === 0) return [visible(origin), "Everything is carried."];
	return [
		origin,
		"Not said here, or said otherwise (+ admits more calls, - fewer, = the same):",
		...differences.map(
			({ field, place, admits, reason }) => `${SIGN[admits]} line ${place.line ?? 1}, ${field}: ${reason}`,
		),
	].map(visible);
}

const SIGN: Readonly<Record<Difference["admits"], string>> = { more: "+", fewer: "-", "the same": "=" };
