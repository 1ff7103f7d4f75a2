/** Languages that rules ask about. */
import { type Language, ofTrees } from "../../language/language.ts";
import { sequence } from "../../language/syntax.ts";

/** The text without any character. */
export const EMPTY_TEXT: Language = ofTrees("text", [
	sequence([
		{ kind: "assert", what: "start" },
		{ kind: "assert", what: "end" },
	]),
]);
