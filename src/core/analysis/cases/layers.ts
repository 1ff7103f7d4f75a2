/** What a call says itself, and below it the defaults of its table or history and of the file: the first that says it counts. */
import type { Place } from "../../base/errors.ts";
import type { YamlPath, YamlSource } from "../../policy/yaml-source.ts";
import type { WrittenCall, WrittenExpectation } from "./case-form.ts";

export interface Layer {
	readonly value: WrittenCall;
	/** Where a part of it is written. */
	placeOf(path: YamlPath): Place;
}

export const layerAt = (value: WrittenCall, path: YamlPath, yaml: YamlSource): Layer => ({
	value,
	placeOf: (below) => yaml.placeOf([...path, ...below]),
});

export interface Said<Value> {
	readonly value: Value;
	readonly place: Place;
}

export function said<Key extends keyof WrittenCall>(
	layers: readonly Layer[],
	key: Key,
): Said<NonNullable<WrittenCall[Key]>> | null {
	for (const { value, placeOf } of layers) {
		const own = value[key];
		if (own !== undefined) return { value: own as NonNullable<WrittenCall[Key]>, place: placeOf([key]) };
	}
	return null;
}

/** A part of what is expected; a verdict alone is written as a text. */
export function expected<Key extends keyof WrittenExpectation>(
	layers: readonly Layer[],
	key: Key,
): Said<NonNullable<WrittenExpectation[Key]>> | null {
	for (const { value, placeOf } of layers) {
		const { expect } = value;
		if (typeof expect === "string") {
			if (key === "verdict")
				return { value: expect as NonNullable<WrittenExpectation[Key]>, place: placeOf(["expect"]) };
			continue;
		}
		const own = expect?.[key];
		if (own !== undefined) {
			return { value: own as NonNullable<WrittenExpectation[Key]>, place: placeOf(["expect", key]) };
		}
	}
	return null;
}
