/** Requests that a service's own program makes: `gh api -X DELETE repos/acme/web`, `az rest --method put --url …`. */
import type { Fact, Place } from "../fact.ts";
import { requestFacts } from "../request-fact.ts";
import type { Field } from "./words.ts";

/** The word before which what is asked for stands. */
const ASKING: ReadonlyMap<string, string> = new Map([
	["gh", "api"],
	["glab", "api"],
	["az", "rest"],
]);

export const asksApi = (program: string): boolean => ASKING.has(program);

const METHOD = /^(?:-X|--method|-m)$/;
const ADDRESS = /^(?:--url|--uri|-u)$/;
const FIELD = /^(?:-[fF]|--field|--raw-field)$/;
const BODY = /^(?:--input|--body|-b)$/;
const VALUED = /^(?:-[HqtpR]|--(?:header|headers|jq|template|preview|hostname|cache|resource|output|query|repo))$/;

/** None: it asks for nothing of the kind. */
export function apiRequest(program: string, args: readonly Field[], at: Place): readonly Fact[] {
	const texts = args.map(({ text }) => text);
	if (texts[0] !== ASKING.get(program)) return [];
	let method: string | undefined;
	let address: string | undefined;
	let body = "none";
	const keys: string[] = [];
	for (let index = 1; index < texts.length; index++) {
		const [name = "", given] = splitOption(texts[index] as string);
		const takes = METHOD.test(name) || ADDRESS.test(name) || FIELD.test(name) || BODY.test(name) || VALUED.test(name);
		if (!takes) {
			if (!name.startsWith("-")) address ??= name;
			continue;
		}
		if (given === undefined) index += 1;
		const value = given ?? texts[index] ?? "";
		if (METHOD.test(name)) method = value;
		else if (ADDRESS.test(name)) address = value;
		else if (FIELD.test(name)) keys.push(value.split(/[[=]/)[0]?.toLowerCase() ?? "");
		else if (BODY.test(name)) body = "some";
	}
	if (address === undefined || address === "graphql") return [];
	if (keys.length > 0) body = "some";
	// A path on the service's own host.
	const url = /^(?:https?:|\/)/.test(address) ? address : `/${address}`;
	return requestFacts({ url, method: method ?? (body === "none" ? "get" : "post"), body, keys }, at);
}

/** `--method=PUT`, `-XPUT`. */
function splitOption(text: string): readonly [name: string, given?: string] {
	const [, long, value] = /^(--[\w-]+)=(.*)$/s.exec(text) ?? [];
	if (long !== undefined) return [long, value ?? ""];
	const [, short, rest] = /^(-X)([A-Za-z]+)$/.exec(text) ?? [];
	return short === undefined ? [text] : [short, rest ?? ""];
}
