/** What a caller without types may hand over by mistake: refused, and named, before anything is asked or run. */
import { AssentError, problem } from "../core/base/errors.ts";
import { suggest } from "../core/base/suggestion.ts";

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
	const { actor, trace, onHold, signal } = request;
	assertActor(actor);
	if (trace !== undefined && !isObject(trace)) {
		throw misuse(`\`trace\` is ${nameOf(trace)}`, "give `{ traceparent }`, or leave it out");
	}
	if (onHold !== undefined && onHold !== "wait" && onHold !== "return") {
		throw misuse(
			`\`onHold\` is ${typeof onHold === "string" ? "neither of its words" : nameOf(onHold)}`,
			"give `wait` or `return`, or leave it out",
		);
	}
	if (signal !== undefined && !isSignal(signal)) {
		throw misuse(`\`signal\` is ${nameOf(signal)}, and no AbortSignal`, "give an AbortSignal, or leave it out");
	}
}

export function assertActor(actor: unknown): void {
	if (actor === undefined || Array.isArray(actor)) return;
	throw misuse(`\`actor\` is ${nameOf(actor)}`, 'give a list of names, as `["planner", "coder"]`, or leave it out');
}

const SECRET_BYTES = 32;

export function assertSecret(secret: unknown): void {
	if (secret === undefined || (secret instanceof Uint8Array && secret.length >= SECRET_BYTES)) return;
	const what = secret instanceof Uint8Array ? `${secret.length} bytes` : nameOf(secret);
	throw misuse(`\`secret\` is ${what}`, "give a Uint8Array of 32 random bytes, and keep it, or leave it out");
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
