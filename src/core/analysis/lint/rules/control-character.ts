/** Characters that nobody sees, which double quotes have made of a backslash. */
import type { LintRule } from "../finding.ts";

/** All but tabs and line breaks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export const controlCharacter: LintRule = {
	id: "control-character",
	certainty: "likely",
	about: 'a control character in a text, such as the backspace that `"\\b"` is in double quotes',
	find: (policy) =>
		policy.yaml.texts().flatMap(({ value, path, place }) => {
			const found = CONTROL.exec(value);
			if (found === null) return [];
			const code = found[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase();
			return [
				{
					place: policy.yaml.placeInText(path, found.index) ?? place,
					message: `the text holds the control character U+${code}`,
					help: "use single quotes: in double quotes YAML reads `\\b`, `\\f` and others as one character",
				},
			];
		}),
};
