/** Alternatives of one condition, of which two may together hold for every row: `a > 3 OR a <= 3`. */

/** Alternatives of which it is remembered what they ask: a thousand times what anybody writes. */
const KEYS_MAX = 20_000;

/** What alternatives ask. */
export class Asked {
	readonly #keys: string[] = [];
	/** Which answer all of them want; undefined: not the same. */
	#wanted: boolean | undefined;
	/** Only where they want different answers: in a list of ten thousand values nothing is looked up. */
	#wantedOf: Map<string, boolean> | null = null;

	/** Has one before asked the same, and wanted the other answer? */
	isComplement({ key, wanted = false }: { readonly key?: string; readonly wanted?: boolean }): boolean {
		if (key === undefined) return false;
		this.#wanted ??= wanted;
		if (this.#wantedOf === null && wanted === this.#wanted) {
			if (this.#keys.length < KEYS_MAX) this.#keys.push(key);
			return false;
		}
		this.#wantedOf ??= new Map(this.#keys.map((each) => [each, this.#wanted === true]));
		const before = this.#wantedOf.get(key);
		if (before !== undefined || this.#wantedOf.size < KEYS_MAX) this.#wantedOf.set(key, wanted);
		return before !== undefined && before !== wanted;
	}
}
