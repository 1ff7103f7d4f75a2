/** Texts that become code where they are read: templates that reach for the runtime, serialized objects, lookups. */

import { breaksOutOfFilter } from "./directory-filter.ts";
import type { Findings, Place } from "./fact.ts";
import { fromAddress } from "./percent.ts";
import { templateIn } from "./template.ts";

export type TextForm = readonly [name: string, pattern: RegExp];

const FORMS: readonly TextForm[] = [
	["expression-escape", /[%$]\{[^\n]{0,300}?(?:@java\.|getRuntime|ProcessBuilder|#_memberAccess|@ognl|T\(java)/],
	["class-walk", /__(?:class|mro|base|bases)__[\s\S]{0,80}?__subclasses__|__globals__\s*(?:\[|\.)/],
	[
		"yaml-object",
		/!!(?:python\/(?:object|name|module)|js\/(?:function|regexp)|javax?\.|ruby\/object|com\.sun|org\.)|!ruby\/object/,
	],
	[
		"serialized-object",
		/^\s*(?:rO0AB|gAS[A-Z]|gAJ|gAN|AAEAAAD\/{5}|aced0005|H4sIAAAAAAAA\w{0,12}rO0)|\bO:\d+:"[\w\\]+":\d+:\{|\bcos\nsystem\n|\$type"\s*:\s*"System\.|"@type"\s*:\s*"(?:com\.sun|java\.|org\.)/,
	],
	[
		"lookup",
		/\$\{(?:\$\{[^}\n]{0,20}\}|\$(?!\{)|[^}$\n]){0,60}(?:jndi|:-j\}|:-n\}|lower:j)[^\n]{0,60}|\bjndi:(?:ldap|rmi|dns|iiop)s?:/i,
	],
	[
		"xml-object",
		/class="java\.(?:beans\.XMLDecoder|lang\.(?:ProcessBuilder|Runtime))|<(?:java\.lang\.ProcessBuilder|javax\.script)|ObjectDataProvider|xmlns:msxsl/,
	],
	["entity", /<!ENTITY\s+(?:%\s+)?\w+\s+(?:SYSTEM|PUBLIC)\b/i],
	[
		"operator-of-code",
		/^[^{]{0,12}\$where['"]?\s*:\s*['"]|['"]\s*(?:&&|\|\|)\s*this\.\w|^\w{0,20}['"]?;\s*(?:sleep\s*\(\d|(?:var\s+)?\w+\s*=\s*new(?:\s|%20)Date\s*\()/,
	],
	["operator-injected", /['"]\s*,\s*\$(?:or|and|nor)['"]?\s*:/],
	["operator-injected", /^\w{0,20}['"]?\s*\}?\s*\]?\s*,\s*\$(?:comment|where|expr)['"]?\s*:/],
	[
		"operator-injected",
		/(?:^|(?:user(?:name)?|login|email|pass(?:word|wd)?|pwd|token|pin|otp)['"]?)(?:\s*:\s*\{\s*['"]?\$(?:ne|gte?|regex|exists|nin)\b|\[\$(?:ne|gte?|regex|exists|nin)\]\s*=)/,
	],
	["operator-of-code", /;\s*return\s+(?:\d|true)[;}]|\bmapReduce\s*\(\s*function/],
	["operator-injected", /^\s*\{\s*['"]?\$(?:ne|gte?|lte?|nin|regex|exists)['"]?\s*:/],
	// What a spreadsheet hands to a program, and to an address with what cells hold: `=cmd|'/c calc'!A0`.
	["formula-of-command", /^\s*["',;]?[=+@-][^\n]{0,120}?\w\|\s*'[^'\n]{1,200}'\s*!|^\s*["'=+@-]{0,2}DDE\s*\(/i],
	[
		"formula-that-sends",
		/^\s*["']?[=+@-]\s*(?:IMPORT(?:XML|FEED|HTML|RANGE|DATA)|WEBSERVICE|HYPERLINK|IMAGE)\s*\([^\n]{0,200}?(?:CONCAT\w*\s*\(|&)/i,
	],
	["shellshock", /\(\)\s*\{\s*:?;?\s*\}\s*;/],
	[
		"script-injected",
		/<\?php\s[\s\S]{0,400}?(?:system|exec|passthru|shell_exec|eval|assert|popen)\s*\(|<%[\s\S]{0,200}?(?:Runtime|eval\s*\(|CreateObject)|<jsp:scriptlet|getRuntime\s*\(\s*\)\s*\.\s*exec\s*\(/i,
	],
];

/** One of these is in each form. */
const HINT =
	/\{\{|\)\(|\(\(|\*\{|@\{|[[<]#\w|#set|\{php|\{\w+\(|\{%|%\{|<%|\$\{|#\{|@\(|__|!!|!ruby|rO0|gA[SJN]|AAEAAAD|aced|H4sI|O:\d|cos\n|\$type|@type|jndi|<!ENT|<!ent|\(\)\s*\{|<\?php|<jsp|\$where|\{\s*['"]?\$|=\*|,\s*\$|this\.|['"];|;\s*var|\[\$|:\s*\{|;\s*return|mapReduce|\*\)|java\.|getRuntime|ObjectData|msxsl|\|\s*'|DDE|dde|\(\s*CONCAT|"\s*&/;

/** As much of a text as is looked at. */
const LOOKED_AT = 8_000;

export function readPayloads(whole: string, place: Place, to: Findings): void {
	const text = whole.length > LOOKED_AT ? whole.slice(0, LOOKED_AT) : whole;
	if (HINT.test(text)) readPlain(text, place, to);
	if (!SPELLED.test(text)) return;
	const plain = fromAddress(text);
	if (HINT.test(plain)) readPlain(plain, place, to);
}

function readPlain(text: string, place: Place, to: Findings): void {
	readForms(FORMS, text, place, to);
	const layer = templateIn(text) ?? (breaksOutOfFilter(text) ? "operator-injected" : undefined);
	if (layer !== undefined) to.add({ kind: "encoding", ...place, has: { layer: [layer] } });
}

/** Signs of operators as addresses spell them. */
const SPELLED = /%(?:2[2-9a-d]|3[a-f]|5[bd]|7[bcd])/i;

/** What has a form is the fact `encoding`, at its first place; `isLeaf`: the text is the whole of what stands at the pointer. */
export function readForms(forms: readonly TextForm[], text: string, place: Place, to: Findings, isLeaf = true): void {
	const { pointer, via } = place;
	for (const [name, pattern] of forms) {
		const match = pattern.exec(text);
		if (match === null) continue;
		const span = isLeaf ? ([match.index, match.index + match[0].length] as const) : place.span;
		to.add({ kind: "encoding", pointer, span, via, has: { layer: [name] } });
	}
}
