/** A document in which names stand no longer: its data with lists and macros put in, each part with the place where it is written. */
import type { Place } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { WrittenText, YamlPath, YamlSource } from "./yaml-source.ts";

/** Where a part is written. */
export interface Origin {
	readonly yaml: YamlSource;
	readonly path: YamlPath;
}

/** Parts of a value that are written elsewhere than in place. */
export interface Moved {
	/** Of the value itself; null: in place. */
	readonly origin: Origin | null;
	readonly parts: ReadonlyMap<string | number, Moved>;
}

export class ResolvedSource implements YamlSource {
	readonly data: Json;
	readonly #written: YamlSource;
	readonly #moved: Moved;

	constructor(written: YamlSource, data: Json, moved: Moved) {
		this.data = data;
		this.#written = written;
		this.#moved = moved;
	}

	placeOf(path: YamlPath): Place {
		const { yaml, path: written } = this.#originOf(path);
		return yaml.placeOf(written);
	}

	placeOfKey(path: YamlPath): Place {
		const { yaml, path: written } = this.#originOf(path);
		return yaml.placeOfKey(written);
	}

	placeInText(path: YamlPath, offset: number): Place {
		const { yaml, path: written } = this.#originOf(path);
		return yaml.placeInText(written, offset);
	}

	/** Those of the file itself. */
	texts(): readonly WrittenText[] {
		return this.#written.texts();
	}

	isBlock(path: YamlPath): boolean {
		const { yaml, path: written } = this.#originOf(path);
		return yaml.isBlock(written);
	}

	isFlow(path: YamlPath): boolean {
		const { yaml, path: written } = this.#originOf(path);
		return yaml.isFlow(written);
	}

	isCutByComment(path: YamlPath): boolean {
		const { yaml, path: written } = this.#originOf(path);
		return yaml.isCutByComment(written);
	}

	#originOf(path: YamlPath): Origin {
		let origin: Origin = { yaml: this.#written, path: [] };
		let moved: Moved | undefined = this.#moved;
		for (const step of path) {
			moved = moved?.parts.get(step);
			origin = moved?.origin ?? { yaml: origin.yaml, path: [...origin.path, step] };
		}
		return origin;
	}
}
