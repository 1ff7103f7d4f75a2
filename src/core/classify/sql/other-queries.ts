/** How queries of graphs and of trees go on behind a quote that a text closes: `}) DETACH DELETE n //`, `'] | //password | a['`. */
import { JOINS } from "./stacked.ts";
import { SIGN, type Token, WORD } from "./token.ts";

/** A clause of Cypher at `at`. */
export function continuesGraph(tokens: readonly Token[], at: number): boolean {
	const next = tokens[at + 1];
	if (tokens[at]?.kind !== WORD || next === undefined) return false;
	const isCut = tokens.at(-1)?.text === "/" && tokens.at(-2)?.text === "/";
	switch (tokens[at]?.text) {
		case "detach":
			return next.text === "delete";
		case "match":
			return next.text === "(" && isCut;
		case "return":
		case "with":
			return isCut || tokens.some(({ kind, text }, index) => index > at && kind === WORD && text === "match");
		case "load":
			return next.text === "csv";
		default:
			return false;
	}
}

/** Steps through a tree, behind a sign or a word that joins: `or //user`, `| //password`, `contains(../name, …`, `count(/*)`. */
export function walksTree(tokens: readonly Token[], from: number): boolean {
	const isJoined = tokens.some(
		({ kind, text }, at) => at >= from && (kind === WORD ? JOINS.has(text) : kind === SIGN && text === "|"),
	);
	if (!isJoined) return false;
	for (let at = from; at + 1 < tokens.length; at++) {
		const { kind, text, to } = tokens[at] as Token;
		const next = tokens[at + 1] as Token;
		if (kind !== SIGN || next.from !== to) continue;
		const before = tokens[at - 1];
		const isStep = text === "/" && next.text === "/" && /^(?:[(|=,[]|or|and)$/u.test(before?.text ?? "|");
		const isUp = text === "." && next.text === "." && tokens[at + 2]?.text === "/";
		const isRoot = text === "(" && next.text === "/" && before?.kind === WORD;
		if ((isStep && tokens[at + 2] !== undefined) || isUp || isRoot) return true;
	}
	return false;
}
