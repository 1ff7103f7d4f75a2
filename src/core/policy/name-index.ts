/** The lists of names of a set of policies, each tested once for a name however many rules have it. */

import { type NameTest, nameTestOf } from "../match/name-globs.ts";
import type { PlacedNames } from "./rules.ts";

export class NameIndex {
	readonly #places = new Map<string, number>();
	readonly #tests: NameTest[] = [];

	/** The place of a list in what `test` gives. */
	add({ caseSensitive, globs }: PlacedNames): number {
		const name = JSON.stringify([caseSensitive, ...globs.map(({ text }) => text)]);
		const known = this.#places.get(name);
		if (known !== undefined) return known;
		const place = this.#tests.length;
		this.#places.set(name, place);
		this.#tests.push(nameTestOf({ caseSensitive, globs }));
		return place;
	}

	/** By list, 1 where it holds the name and 0 where it does not. */
	test(name: string): Uint8Array {
		return Uint8Array.from(this.#tests, (test) => (test(name) ? 1 : 0));
	}
}
