/** The lists of names and the sets of tools of a set of policies, each tested once for a name however many rules have it. */

import { nameTestOf } from "../match/name-globs.ts";
import type { PlacedNames, ToolSet } from "./rules.ts";

/** Is the name in it? `isIn` says so of what was added before. */
type Membership = (name: string, isIn: (place: number) => boolean) => boolean;

export class NameIndex {
	readonly #places = new Map<string, number>();
	readonly #memberships: Membership[] = [];

	/** The place of a list in what `test` gives. */
	add({ caseSensitive, globs }: PlacedNames): number {
		return this.#place(JSON.stringify([caseSensitive, ...globs.map(({ text }) => text)]), () =>
			nameTestOf({ caseSensitive, globs }),
		);
	}

	addTools({ names, except }: ToolSet): number {
		const included = this.add(names);
		if (except === null) return included;
		const excepted = this.add(except);
		return this.#place(`${included} without ${excepted}`, () => (_, isIn) => isIn(included) && !isIn(excepted));
	}

	/** The place of what is in one of the sets. */
	addUnion(sets: readonly ToolSet[]): number {
		const places = sets.map((set) => this.addTools(set));
		const [only, another] = places;
		if (only !== undefined && another === undefined) return only;
		return this.#place(`any of ${places.join()}`, () => (_, isIn) => places.some(isIn));
	}

	/** By place, 1 where the name is there and 0 where it is not. */
	test(name: string): Uint8Array {
		const found = new Uint8Array(this.#memberships.length);
		const isIn = (place: number): boolean => found[place] === 1;
		for (const [place, holds] of this.#memberships.entries()) found[place] = holds(name, isIn) ? 1 : 0;
		return found;
	}

	#place(key: string, membershipOf: () => Membership): number {
		const known = this.#places.get(key);
		if (known !== undefined) return known;
		const place = this.#memberships.length;
		this.#places.set(key, place);
		this.#memberships.push(membershipOf());
		return place;
	}
}
