/** Whether the `semantics` of a ledger's entries are those of processors that follow each other: each knows one, and refuses a ledger newer than itself. */
export class SemanticsOrder {
	#latest = 0;
	#isRiseDue = true;

	/** A processor has taken the ledger. */
	claim(): void {
		this.#isRiseDue = true;
	}

	/** Null, or what is wrong: the end of a sentence that begins with the entry. */
	take(semantics: number): string | null {
		const before = this.#latest;
		const isRiseDue = this.#isRiseDue;
		this.#latest = Math.max(before, semantics);
		this.#isRiseDue = false;
		if (semantics < before) return `says semantics ${semantics}, and one before it ${before}`;
		if (semantics > before && !isRiseDue) return `says semantics ${semantics}, and others of its claim ${before}`;
		return null;
	}
}
