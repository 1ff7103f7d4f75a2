/** How far each target of `assent notify` has come, in a file. */
import { parseIJson } from "../core/base/canonical-json.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import { type DurationMs, SECOND } from "../core/model/units.ts";
import { type EventPlace, parsePlace } from "../operations/event-place.ts";
import { pause } from "../ports/pause.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { replaceFile } from "./file-change.ts";
import { readNamedText } from "./named-file.ts";

const SAVE_EVERY_MS: DurationMs = SECOND;

export class NotifyPlaces {
	readonly #file: string;
	readonly #partitions: number;
	readonly #places: Map<string, string>;
	#isChanged = false;

	private constructor(file: string, partitions: number, places: Map<string, string>) {
		this.#file = file;
		this.#partitions = partitions;
		this.#places = places;
	}

	/** From a file that can be written, too. Throws ASSENT_FILE_UNREADABLE, also for one that holds anything else. */
	static async open(file: string, { partitions }: Layout): Promise<NotifyPlaces> {
		const places = new NotifyPlaces(file, partitions, await placesOf(file, partitions));
		await places.#write();
		return places;
	}

	of(name: string): EventPlace | null {
		const place = this.#places.get(name);
		return place === undefined ? null : parsePlace(place, this.#partitions);
	}

	set(name: string, place: string): void {
		this.#isChanged ||= this.#places.get(name) !== place;
		this.#places.set(name, place);
	}

	/**
	 * Saves what has changed now and then, and at the end. A disk that is full meanwhile ends nothing: whoever starts again then begins
	 * further back. Throws where the last places cannot be saved.
	 */
	async saveUntil(signal: AbortSignal, telemetry: Telemetry): Promise<void> {
		let isTold = false;
		while (!signal.aborted) {
			await pause(SAVE_EVERY_MS, signal);
			try {
				await this.#save();
				isTold = false;
			} catch (thrown) {
				if (!isTold) telemetry.error("notify.unsaved", { file: this.#file, why: (thrown as Error).message });
				isTold = true;
			}
		}
		await this.#save();
	}

	async #save(): Promise<void> {
		if (!this.#isChanged) return;
		this.#isChanged = false;
		try {
			await this.#write();
		} catch (thrown) {
			this.#isChanged = true;
			throw thrown;
		}
	}

	async #write(): Promise<void> {
		const places = Object.fromEntries(this.#places);
		await replaceFile(this.#file, `${JSON.stringify({ places }, null, "\t")}\n`);
	}
}

/** By target; none where there is no file. */
async function placesOf(file: string, partitions: number): Promise<Map<string, string>> {
	const read = await readNamedText(file);
	if (!read.ok) {
		if (read.error.code !== "ASSENT_FILE_MISSING") throw new AssentError(read.error);
		return new Map();
	}
	const parsed = parseIJson(read.value);
	const places = parsed.ok ? (parsed.value as { readonly places?: unknown } | null)?.places : null;
	const entries = places !== null && typeof places === "object" ? Object.entries(places) : null;
	if (entries === null || !entries.every(([, place]) => parsePlace(String(place), partitions) !== null)) {
		const help = "name another file, or delete it: targets then begin at the log's end or `--from start`";
		throw new AssentError(
			problem("ASSENT_FILE_UNREADABLE", `\`${file}\` does not hold places of this log`, help, { file }),
		);
	}
	return new Map(entries.map(([name, place]) => [name, String(place)]));
}
