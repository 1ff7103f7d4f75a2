/**
 * Takes turns of the event loop: deciding what was read keeps the process busy, and acknowledgements that come meanwhile
 * would wait until every partition has decided all that it has.
 */

/** This many records are handed out in one turn, and the rest of the batch that the last one came in. */
const RECORDS_A_TURN = 64;

export class Turns {
	#handedOut = 0;
	#isRunning = false;
	readonly #waiting: (() => void)[] = [];

	/** Null: read at once; else when it resolves. */
	next(): Promise<void> | null {
		if (this.#handedOut < RECORDS_A_TURN && this.#waiting.length === 0) return null;
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	/** This many records were handed out. */
	count(records: number): void {
		this.#handedOut += records;
		if (!this.#isRunning) this.#run();
	}

	#run(): void {
		this.#isRunning = true;
		setImmediate(() => {
			this.#handedOut = 0;
			const read = this.#waiting.shift();
			if (read === undefined) this.#isRunning = false;
			else {
				this.#run();
				read();
			}
		});
	}
}
