/** The arguments that `in` names: a list of selectors and `a | b` in one text mean the same. */
import { splitAlternatives } from "../arguments/selector.ts";
import type { Place } from "../base/errors.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

type Written = string | readonly string[];

/** Each alternative, and where it begins in the file. `path` leads to what was `written`. */
export function writtenSelectors(
	written: Written,
	path: YamlPath,
	yaml: YamlSource,
): readonly { readonly text: string; readonly place: Place }[] {
	const texts = typeof written === "string" ? [written] : written;
	return texts.flatMap((text, index) => {
		const at = typeof written === "string" ? path : [...path, index];
		return splitAlternatives(text).map((alternative) => ({
			text: alternative.text,
			place: yaml.placeInText(at, alternative.offset),
		}));
	});
}

export const selectorTexts = (written: Written): readonly string[] =>
	(typeof written === "string" ? [written] : written).flatMap((text) =>
		splitAlternatives(text).map((each) => each.text),
	);
