/** Looks into the gateway's file of used tokens: for what was used, and for the moment of a use, so that a kill comes before its answer. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const SLICE_MS = 4;

export class UseWatch {
	readonly #database: DatabaseSync;
	readonly #count: StatementSync;

	readonly #find: StatementSync;

	constructor(path: string) {
		this.#database = new DatabaseSync(path, { readOnly: true });
		this.#count = this.#database.prepare("SELECT count(*) AS uses FROM used");
		this.#find = this.#database.prepare("SELECT 1 FROM used WHERE id = ?");
	}

	/** Whether this allow (`iss/jti`) is used up. Uses whose token has expired are forgotten. */
	has(allow: string): boolean {
		return this.#find.get(allow) !== undefined;
	}

	/** Resolves, to true, as soon as the gateway has written another use; to false after so many tries of a few milliseconds. */
	async next({ triesMax }: { readonly triesMax: number }): Promise<boolean> {
		for (let tried = 0; tried < triesMax; tried++) {
			if (this.#blockUntilNext()) return true;
			// Requests are sent from this process, too.
			await sleep(0);
		}
		return false;
	}

	/** Keeps this process from everything else meanwhile: from using tokens up itself, and from hearing of the answer. */
	#blockUntilNext(): boolean {
		const [before, until] = [this.#uses(), performance.now() + SLICE_MS];
		while (performance.now() < until) if (this.#uses() > before) return true;
		return false;
	}

	close(): void {
		this.#database.close();
	}

	#uses(): number {
		return (this.#count.get() as { uses: number }).uses;
	}
}
