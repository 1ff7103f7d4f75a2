/** The reader of POSIX shells: parses a text, walks over what it would run, and adds the facts of it. */
import { parse } from "unbash";
import type { Findings, Place } from "../fact.ts";
import { plainScript } from "./plain-script.ts";
import { Session } from "./session.ts";
import { Walk } from "./walk.ts";

/** UTF-16 units of one text, and levels of brackets in it: the parser's time and stack are not bounded beyond. */
const TEXT_MAX = 65_536;
const NESTING_MAX = 64;
/** Here-documents of one text: the parser's time grows with their square. */
const HERE_MAX = 1_000;

export function readShell(text: string, at: Place, to: Findings): void {
	const session = new Session(text, at, to);
	const read = (source: string): void => {
		const why = source.length > TEXT_MAX ? "too-long" : isTooDeep(source) ? "too-deep" : null;
		if (why !== null) {
			session.opaque(why);
			return;
		}
		const plain = plainScript(source);
		if (plain !== null) {
			walk.statements(plain);
			return;
		}
		const script = parse(BEGUN.test(source) ? source.replace(BEGUN, blank) : source);
		if (script.errors !== undefined) session.opaque("unreadable");
		walk.statements(script.commands);
	};
	const walk = new Walk(session, read);
	read(text);
	walk.uncalled();
}

/** A text that goes on behind another command, which a shell alone would refuse: `; id`, `&& id`, `| id`. */
const BEGUN = /^\s*(?:;|&&?|\|[|&]?)(?![;&|])/;
const blank = (text: string): string => " ".repeat(text.length);

function isTooDeep(text: string): boolean {
	// Each level takes a unit at least, and most commands are short.
	if (text.length <= NESTING_MAX) return false;
	let depth = 0;
	let deepest = 0;
	let backquotes = 0;
	let heres = 0;
	for (let index = 0; index < text.length; index++) {
		switch (text.charCodeAt(index)) {
			case 40:
			case 123:
				depth += 1;
				if (depth > deepest) deepest = depth;
				break;
			case 41:
			case 125:
				if (depth > 0) depth -= 1;
				break;
			case 96:
				if (text.charCodeAt(index - 1) === 92) backquotes += 1;
				break;
			case 60:
				if (text.charCodeAt(index + 1) === 60) heres += 1;
				break;
		}
	}
	return deepest > NESTING_MAX || backquotes > 4 * NESTING_MAX || heres > HERE_MAX || keywordDepth(text) > NESTING_MAX;
}

const KEYWORDS = /\b(?:if|while|until|for|case|select|fi|done|esac)\b/g;

/** Branches and loops within one another: words that look like these are counted, too. */
function keywordDepth(text: string): number {
	let depth = 0;
	let deepest = 0;
	for (const [word] of text.matchAll(KEYWORDS)) {
		depth = Math.max(0, depth + (word === "fi" || word === "done" || word === "esac" ? -1 : 1));
		if (depth > deepest) deepest = depth;
	}
	return deepest;
}
