/** The substitutions below a node of the tree, however deep: those that run when the node does. */
import { forEachChild, type ParsedScript } from "unbash";

/** Anything of the tree. */
type SyntaxNode = Parameters<typeof forEachChild>[0];

/** In the order of the text. What a substitution itself holds is its own. */
export function substitutionsIn(node: SyntaxNode): readonly ParsedScript[] {
	const found: ParsedScript[] = [];
	const visit = (child: SyntaxNode): void => {
		switch (child.type) {
			case "CommandExpansion":
			case "ArithmeticCommandExpansion":
			case "ProcessSubstitution":
				if (child.script !== undefined) found.push(child.script);
				return;
			case "ArithmeticExpansion":
				if (child.expression !== undefined) visit(child.expression);
				return;
			default:
				forEachChild(child, visit);
		}
	};
	visit(node);
	return found;
}

/** Of a text without these no part is a substitution. */
export const maySubstitute = (text: string): boolean => /\$\(|`|[<>]\(/.test(text);
