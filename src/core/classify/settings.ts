/** Short values of a call's arguments: its settings, what they switch, and where they lead. */
import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, isWords, memberKeys } from "./argument-names.ts";
import { isEmpty } from "./document.ts";
import { type Reach, reachesOf } from "./reach.ts";
import { singular, toolWords } from "./tool-words.ts";

/** Short values, which are settings and names rather than contents. */
export class Settings {
	readonly names: string[] = [];
	readonly values: string[] = [];
	readonly pairs: string[] = [];
	/** What the call is about, where a member says it: `{kind: "secret"}`. */
	readonly kinds: string[] = [];
	readonly #reaches: Reach[] = [];
	/** Of places elsewhere. */
	readonly #hosts: string[] = [];
	/**
	 * Words of the names of what is switched on, and of what is switched off: `audit` of
	 * `{audit_enabled: false}` and `{skip_audit: true}`, `itself` of `{enabled: false}`.
	 */
	readonly on: string[] = [];
	readonly off: string[] = [];

	collect(value: JsonObject | readonly Json[], depth: number, outer = ""): void {
		for (const key of memberKeys(value)) {
			if (this.pairs.length >= VALUES_MAX) return;
			const member = (value as JsonObject)[key] as Json;
			const name = Array.isArray(value) ? outer : argumentName(key).letters;
			if (!Array.isArray(value) && !this.names.includes(name)) this.names.push(name);
			if (member !== null && typeof member === "object") {
				if (isEmpty(member)) this.pairs.push(`${name}=`);
				if (depth < DEPTH_MAX)
					this.collect(member as JsonObject | readonly Json[], depth + (Array.isArray(member) ? 1 : 2), name);
			} else if (depth < DEPTH_MAX && typeof member === "string" && isJsonObject(member)) {
				this.#collectText(member, depth + 2, name);
			} else if (outer === "roleref") this.values.push(String(member).toLowerCase());
			else this.#add(name, String(member).toLowerCase(), { key, outer });
		}
	}

	/** Where its values lead: see `reachesOf`. From one place to another in the same store is nowhere. */
	get reaches(): readonly Reach[] {
		const [first, ...others] = this.#hosts;
		return others.length > 0 && others.every((host) => host === first) ? [] : this.#reaches;
	}

	#addPlace(name: string, text: string): void {
		const reaches = reachesOf(name, text);
		for (const reach of reaches) if (!this.#reaches.includes(reach)) this.#reaches.push(reach);
		const store = reaches.includes("remote") ? STORE.exec(text)?.[0] : undefined;
		if (store !== undefined) this.#hosts.push(store);
	}

	/** A policy, a filter or a body that is given as JSON. */
	#collectText(text: string, depth: number, outer: string): void {
		try {
			this.collect(JSON.parse(text) as JsonObject, depth, outer);
		} catch {
			// No JSON: it was read as a text already.
		}
	}

	/** What a manifest of a cluster makes, and what it gives it. */
	#addManifest(text: string): void {
		for (const [, name = "", value = ""] of text.slice(0, JSON_MAX).matchAll(MANIFEST)) {
			if (this.pairs.length >= VALUES_MAX) return;
			this.pairs.push(`${name}=${value}`);
			this.values.push(value);
			if (name === "kind") this.kinds.push(...toolWords(value), value);
		}
	}

	#switch(key: string, outer: string, isOn: boolean): void {
		const isPlain = PLAIN_SWITCHES.has(argumentName(key).letters);
		const words = isPlain ? [ITSELF, ...toolWords(outer)] : toolWords(key);
		const negated = words.findIndex((word) => NEGATING.has(word));
		const told = negated < 0 ? words : words.toSpliced(negated, 1);
		(isOn === negated < 0 ? this.on : this.off).push(...told, told.join(""));
	}

	#add(name: string, text: string, { key, outer }: { readonly key: string; readonly outer: string }): void {
		if (text.length <= PLACE_LENGTH_MAX) this.#addPlace(name, text);
		if (text.length > VALUE_LENGTH_MAX && /^(?:apiversion|kind):|\nkind:/.test(text)) this.#addManifest(text);
		if (text.length > VALUE_LENGTH_MAX) return;
		// A name of one word is a setting's own: `{name: "LD_PRELOAD"}`.
		if (name === "name" && !/\s/.test(text)) this.pairs.push(`name=${text}`);
		if (isWords(argumentName(key).role) && name !== "tags") return;
		if (SWITCHED.has(text)) this.#switch(key, outer, SWITCHED.get(text) === true);
		this.values.push(text);
		// A star of the rules' own is any text.
		this.pairs.push(`${name}=${isStar(text) ? "<all>" : text}`);
		if (KIND_KEYS.has(name)) this.kinds.push(...toolWords(text).flatMap((word) => [word, singular(word)]));
	}
}

const SWITCHED: ReadonlyMap<string, boolean> = new Map([
	..."true yes on enabled 1".split(" ").map((text) => [text, true] as const),
	..."false no off none disable disabled inactive never permissive suspended 0"
		.split(" ")
		.map((text) => [text, false] as const),
]);
/** What switches that which the members around it are about, or the call's own object: `{audit: {enabled: false}}`. */
const PLAIN_SWITCHES = new Set(
	"enabled enable active isenabled isactive on value state status mode power setting level policy action enforce enforcement enforced required mandatory newstate desiredstate enabledstate".split(
		" ",
	),
);
const ITSELF = "itself";
/** Words with which a setting says that something is not. */
const NEGATING = new Set("disable disabled skip bypass ignore no not without suppress omit".split(" "));

const isStar = (text: string): boolean => text.startsWith("*") && /^\*(?:[:./|-]?\*)*$/.test(text);

const isJsonObject = (text: string): boolean => text.length <= JSON_MAX && /^\s*\{[\s\S]*\}\s*$/.test(text);
const JSON_MAX = 4_000;
export const VALUE_LENGTH_MAX = 64;
const VALUES_MAX = 48;
/** The scheme and the name of a store: `s3://bucket`. */
const STORE = /^[a-z\d]+:\/\/[\w.-]+/;
/** Of an address that something goes to. */
const PLACE_LENGTH_MAX = 256;
const MANIFEST =
	/^\s*(?:- )?(kind|name|privileged|hostpid|hostnetwork|hostipc|runasuser|path|replicas|type|allowprivilegeescalation):\s*["']?([^\s"']+)/gm;

const KIND_KEYS = new Set([
	"kind",
	"type",
	"resource",
	"resourcetype",
	"object",
	"entity",
	"service",
	"target",
	"scope",
	"model",
	"resourcekind",
	"objecttype",
	"entitytype",
]);
/** An object counts for two, a list for one. */
const DEPTH_MAX = 6;
