/** What names stand for while a text is read in the order of its source: one table for the whole text. */
import { BARE } from "./names.ts";
import { ofName, type Value } from "./value.ts";

export class Scope {
	/** Modules of `from m import *`. */
	readonly stars: string[] = [];
	readonly #text: string;
	readonly #names = new Map<string, Value>();
	/** Of names that say enough alone: does the text define them? */
	readonly #defined = new Map<string, boolean>();
	#branches = 0;

	constructor(text: string) {
		this.#text = text;
	}

	get(name: string): Value | undefined {
		return this.#names.get(name);
	}

	has(name: string): boolean {
		return this.#names.has(name);
	}

	forget(name: string): void {
		this.#names.delete(name);
	}

	/** In a branch that may not be taken, where what was known before comes from holds as well. */
	set(name: string, value: Value): void {
		const before = this.#branches === 0 ? 0 : (this.#names.get(name)?.taint ?? 0);
		this.#names.set(name, (before & ~value.taint) === 0 ? value : { ...value, taint: value.taint | before });
	}

	/** Reads what may not be run. */
	branch<T>(read: () => T): T {
		this.#branches++;
		const made = read();
		this.#branches--;
		return made;
	}

	/** A name as it is spelled; one that the text neither binds nor defines may be cut from where it was imported. */
	lookUp(spelled: string): Value {
		const name = isPlain(spelled) ? spelled : spelled.normalize("NFKC");
		const known = this.#names.get(name);
		if (known !== undefined) return known;
		const whole = BARE.get(name);
		return ofName(whole === undefined || this.#isDefined(name) ? name : whole);
	}

	#isDefined(name: string): boolean {
		if (this.stars.length > 0) return true;
		let isDefined = this.#defined.get(name);
		if (isDefined === undefined) {
			isDefined = new RegExp(`\\b(?:def|class)\\s+${name}\\b`, "u").test(this.#text);
			this.#defined.set(name, isDefined);
		}
		return isDefined;
	}
}

/** Letters of ASCII alone, which Python takes as they are. */
export function isPlain(name: string): boolean {
	for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) > 127) return false;
	return true;
}
