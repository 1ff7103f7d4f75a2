/** What is wrong with a file of test cases beyond its form, as it is found. */
import { type ErrorCode, type Place, type Problem, problem } from "../../base/errors.ts";
import type { YamlPath, YamlSource } from "../../policy/yaml-source.ts";

export class CaseProblems {
	readonly found: Problem[] = [];
	readonly #yaml: YamlSource;

	constructor(yaml: YamlSource) {
		this.#yaml = yaml;
	}

	placeOf(path: YamlPath): Place {
		return this.#yaml.placeOf(path);
	}

	add(message: string, help: string, place: Place, code: ErrorCode = "POLICY_SCHEMA"): void {
		// What several calls share is told once.
		const isTold = this.found.some(
			(each) => each.message === message && each.place?.line === place.line && each.place?.column === place.column,
		);
		if (!isTold) this.found.push(problem(code, message, help, place));
	}
}
