/** Whether a log's file is still the one that was opened: what is written to a file without a name is lost with the last process that has it open. */
import { identityOf } from "./file.ts";

/** Least time between two looks. */
const LOOK_MS = 1_000;

export class FileWatch {
	readonly #path: string;
	readonly #opened: string | null;
	/** Of performance.now. */
	#seenAt = 0;

	/** Called once the file is open. */
	constructor(path: string) {
		this.#path = path;
		this.#opened = identityOf(path);
	}

	/** Looks now and then; why the log must not go on, or null. */
	trouble(): string | null {
		const now = performance.now();
		if (now - this.#seenAt < LOOK_MS) return null;
		this.#seenAt = now;
		const there = identityOf(this.#path);
		if (there === this.#opened) return null;
		return `its file was ${there === null ? "removed" : "replaced"} while it was open`;
	}
}
