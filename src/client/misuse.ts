/** What a caller without types may hand over by mistake: refused, and named, before anything is asked or run. */
import { AssentError, problem } from "../core/base/errors.ts";
import { suggest } from "../core/base/suggestion.ts";
import {
	CAP_NAME_LENGTH_MAX,
	CAPS_MAX,
	hasControls,
	INTEGER_MAX,
	nameFault,
	SKETCH_LENGTH_MAX,
} from "../core/model/bounds.ts";

/** One entry for each option, so that the compiler sees that none is missing. */
export type OptionNames<Of> = { readonly [Name in keyof Required<Of>]: true };

/** Throws ASSENT_USAGE where `given` is no object, or has an option that nobody reads. Undefined is no options. */
export function assertOptions<Of>(what: string, given: unknown, names: OptionNames<Of>): void {
	if (given === undefined) return;
	if (!isObject(given)) throw misuse(`${what} are ${nameOf(given)}`, "give an object");
	for (const name of Object.keys(given)) {
		if (Object.hasOwn(names, name)) continue;
		throw misuse(`\`${name}\` is none of ${what}`, suggest(name, Object.keys(names)));
	}
}

/** The members of a request that nothing else reads with care. Throws ASSENT_USAGE. */
export function assertRequest(request: unknown): void {
	if (!isObject(request)) throw misuse(`a request is ${nameOf(request)}`, "give an object: `{ tool, args }`");
	const { actor, caps, trace, onHold, holdMs, signal } = request;
	assertActor(actor);
	assertCaps(caps);
	if (trace !== undefined && !isObject(trace)) {
		throw misuse(`\`trace\` is ${nameOf(trace)}`, "give `{ traceparent }`, or leave it out");
	}
	if (onHold !== undefined && onHold !== "wait" && onHold !== "return") {
		throw misuse(
			`\`onHold\` is ${typeof onHold === "string" ? "neither of its words" : nameOf(onHold)}`,
			"give `wait` or `return`, or leave it out",
		);
	}
	if (holdMs !== undefined && !(typeof holdMs === "number" && holdMs >= 0)) {
		throw misuse(`\`holdMs\` is ${nameOf(holdMs)}`, "give milliseconds, 0 or more, or leave it out");
	}
	if (signal !== undefined && !isSignal(signal)) {
		throw misuse(`\`signal\` is ${nameOf(signal)}, and no AbortSignal`, "give an AbortSignal, or leave it out");
	}
}

export function assertActor(actor: unknown): void {
	if (actor === undefined || Array.isArray(actor)) return;
	throw misuse(`\`actor\` is ${nameOf(actor)}`, 'give a list of names, as `["planner", "coder"]`, or leave it out');
}

const CAPPED: readonly unknown[] = ["tool_calls", "tokens", "cost"];

function assertCaps(caps: unknown): void {
	if (caps === undefined) return;
	if (!Array.isArray(caps)) throw misuse(`\`caps\` are ${nameOf(caps)}`, `${CAPS_HELP}, or leave them out`);
	if (caps.length > CAPS_MAX) throw misuse(`\`caps\` are ${caps.length}, at most ${CAPS_MAX} are accepted`, CAPS_HELP);
	for (const [index, cap] of caps.entries()) {
		const { name, measure, max } = isObject(cap) ? cap : {};
		const fault =
			nameFault(name) ??
			((name as string).length > CAP_NAME_LENGTH_MAX ? `has over ${CAP_NAME_LENGTH_MAX} characters` : null);
		if (fault !== null) throw misuse(`\`caps[${index}].name\` ${fault}`, CAPS_HELP);
		if (!CAPPED.includes(measure)) throw misuse(`\`caps[${index}].measure\` is none of its words`, CAPS_HELP);
		if (!(typeof max === "number" && Number.isInteger(max) && max >= 0 && max <= INTEGER_MAX)) {
			throw misuse(`\`caps[${index}].max\` is no whole number from 0 on`, CAPS_HELP);
		}
	}
}

const CAPS_HELP =
	"give a list of `{ name, measure, max }`, with `tool_calls`, `tokens` or `cost` (in millionths) as measure";

const SECRET_BYTES = 32;

export function assertSecret(secret: unknown): void {
	if (secret === undefined || (secret instanceof Uint8Array && secret.length >= SECRET_BYTES)) return;
	const what = secret instanceof Uint8Array ? `${secret.length} bytes` : nameOf(secret);
	throw misuse(`\`secret\` is ${what}`, "give a Uint8Array of 32 random bytes, and keep it, or leave it out");
}

const STATUSES: readonly unknown[] = ["ok", "error", "unknown"];

/** Of a report by hand. */
export function assertOutcome(status: unknown, sketch: unknown): void {
	if (!STATUSES.includes(status)) {
		throw misuse("the status of an outcome is none of its words", "give `ok`, `error` or `unknown`");
	}
	if (typeof sketch !== "string" || sketch.length > SKETCH_LENGTH_MAX || hasControls(sketch)) {
		throw misuse("the `sketch` of an outcome is none", "give what `sketchOf` returns, or leave it out");
	}
}

export const misuse = (message: string, help: string): AssentError =>
	new AssentError(problem("ASSENT_USAGE", message, help));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Of another realm, too. */
const isSignal = (value: unknown): boolean =>
	isObject(value) && typeof value["aborted"] === "boolean" && typeof value["addEventListener"] === "function";

/** Never its text, which may be an argument's or a password. */
function nameOf(value: unknown): string {
	if (value === null || value === undefined) return String(value);
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
