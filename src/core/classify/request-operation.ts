/** What a request does by its method and the things that its path names: `DELETE /users/ann/keys/3` deletes a key. */
import type { Fact, Place } from "./fact.ts";
import { factOfCall } from "./named-call.ts";
import { safeDecoded } from "./percent.ts";
import { IMPERATIVE } from "./tool-verbs.ts";
import { singular, toolWords } from "./tool-words.ts";

/** What a method does to the thing that the path names; to a collection, `POST` adds one. */
const VERBS: ReadonlyMap<string, string> = new Map([
	["GET", "get"],
	["POST", "create"],
	["PUT", "update"],
	["PATCH", "update"],
	["DELETE", "delete"],
]);

const NO_SETTINGS: ReadonlyMap<string, string> = new Map();

/** The fact of a tool of that name; null where the method changes nothing or the path names nothing. */
export function operationFact(
	{ method, url }: { readonly method: string; readonly url: string },
	{ pointer, span, via }: Place,
	settings: ReadonlyMap<string, string> = NO_SETTINGS,
): Fact | null {
	const path = pathOf(url);
	const things = SIGN_IN.test(path) ? [] : thingsOf(path);
	const taken = method.toUpperCase() === "GET" ? things.find((step) => TAKEN.test(step)) : undefined;
	if (taken !== undefined) {
		const [verb = ""] = toolWords(taken).map(singular);
		const words = things.filter((step) => step !== taken).flatMap((step) => toolWords(step.replace(/\.\w+$/, "")));
		return words.length === 0
			? null
			: factOfCall([verb, ...words], verb, { pointer, span, via: [...via, "path"] }, settings);
	}
	const verb = VERBS.get(method.toUpperCase());
	if (verb === undefined) return null;
	// What a thing is part of is not deleted with it, nor read.
	const isAlone = verb === "delete" || verb === "get";
	const words = things.slice(isAlone ? -1 : -THINGS_MAX).flatMap(toolWords);
	if (words.length === 0 || (verb === "get" && isShown(path, words))) return null;
	return factOfCall([verb, ...words], verb, { pointer, span, via: [...via, "path"] }, settings);
}

/** What is asked for is for everybody to see, or a page on which something is done. */
const isShown = (path: string, words: readonly string[]): boolean =>
	/public/i.test(path) || words.some((word) => IMPERATIVE.has(word));

/** As spelled: where case changes, a word of it ends. */
export const pathOf = (url: string): string =>
	safeDecoded(url.replace(/^[a-z]+:\/\/[^/?#]*/i, "").split(/[?#]/)[0] ?? "");

/** Where one signs in and out; no thing is made there. */
const SIGN_IN = /\/(?:oauth2?\/.*token|token|login|signin|logout)\/?$/i;
/** What is asked for is all there is of a thing. */
const TAKEN = /^(?:export|exports|dump|dumps)$/i;

/** The steps of a path that are names, as spelled. */
export const stepsOf = (path: string): readonly string[] => path.split("/").filter(isName);

const isName = (step: string): boolean => /^[A-Za-z][\w.:$-]{1,60}$/.test(step) && !/^v\d/.test(step);

/** Steps that name no single thing: what stands behind a plural is one of them, by its name. */
function thingsOf(path: string): readonly string[] {
	const things: string[] = [];
	let before = "";
	for (const step of path.split("/")) {
		const isOne = isPlural(before) && !isPlural(step);
		if (step !== "") before = step;
		if (isName(step) && !isOne && !/\d/.test(step) && !PLACES.has(step.toLowerCase())) things.push(step);
	}
	return things;
}

/** Of a step that names a collection: `keys`, not `access`. */
export const isPlural = (step: string): boolean => /[^s\W]s$/.test(step);
const THINGS_MAX = 2;
/** Where an interface is, rather than what it is about. */
const PLACES = new Set("api apis rest admin public internal beta client services rpc json me self latest".split(" "));

/** One thing by its number or name; a whole collection; several by a pattern; the root. Also whether the path names what it is about. */
export function shapesOf(path: string): readonly string[] {
	const steps = path.split("/").filter((step) => step !== "");
	const last = steps.at(-1);
	if (last === undefined) return ["root"];
	if (/\*|_all\b|,/.test(last)) return ["pattern"];
	const things = thingsOf(path);
	const isOne =
		(/\d|^[0-9a-f-]{8,}$/.test(last) && !/^v\d+$/.test(last)) || (things.length > 0 && things.at(-1) !== last);
	const isNamed = things.length > 0 && (isOne || steps.length > 1);
	return isNamed ? [isOne ? "one" : "collection", "named"] : [isOne ? "one" : "collection"];
}
