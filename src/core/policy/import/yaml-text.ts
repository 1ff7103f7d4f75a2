/** Writes plain data as the YAML of a file, with a comment in front. */
import { Document, isCollection, visit } from "yaml";
import type { Json } from "../../base/json.ts";

/** A list or map that is no longer than this as JSON takes one line. */
const LINE_LENGTH_MAX = 100;

/** Members in the order given; texts in single quotes where they need any. */
export function yamlText(data: Json, comment: readonly string[]): string {
	const document = new Document(data, { version: "1.2", schema: "core", aliasDuplicateObjects: false });
	visit(document, {
		Collection(_, node, ancestors) {
			// The document, its root, a section: what is below them.
			const isInside = ancestors.filter(isCollection).length > 0;
			if (isInside && JSON.stringify(node).length <= LINE_LENGTH_MAX) node.flow = true;
		},
	});
	const head = comment.map((line) => `# ${line}\n`).join("");
	return head + document.toString({ lineWidth: 0, singleQuote: true });
}
