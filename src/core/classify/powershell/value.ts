/** What is known of a PowerShell expression without running it: texts, a .NET type, an object of one, a script block. */

import { table } from "../table.ts";

export type Value =
	/** One text is a scalar, several are an array. `partial`: parts of it are unknown and stand as they were written. */
	| { readonly kind: "texts"; readonly texts: readonly string[]; readonly partial?: boolean; readonly bytes?: boolean }
	| { readonly kind: "type"; readonly name: string }
	| { readonly kind: "object"; readonly name: string }
	/** A script block: where its text begins and ends. */
	| { readonly kind: "block"; readonly from: number; readonly until: number }
	| { readonly kind: "unknown" };

/** Texts that are built longer than this are unknown. */
const TEXT_MAX = 65_536;
const LIST_MAX = 8_192;

export const UNKNOWN: Value = { kind: "unknown" };

export const textOf = (text: string): Value => (text.length > TEXT_MAX ? UNKNOWN : { kind: "texts", texts: [text] });

export const partial = (text: string): Value => ({ kind: "texts", texts: [text], partial: true });

export const listOf = (texts: readonly string[]): Value =>
	texts.length > LIST_MAX ? UNKNOWN : { kind: "texts", texts };

/** The one text of a value that is wholly known. */
export function known(value: Value): string | null {
	if (value.kind !== "texts" || value.partial) return null;
	return value.texts.length === 1 ? (value.texts[0] ?? "") : value.texts.join(" ");
}

/** The texts of a value that is wholly known. */
export const knownTexts = (value: Value): readonly string[] | null =>
	value.kind === "texts" && !value.partial ? value.texts : null;

/** What can be shown of a value. */
export const shown = (value: Value): readonly string[] =>
	value.kind === "texts" ? value.texts : value.kind === "type" ? [`[${value.name}]`] : [];

/** Names of types without `System.`, in lower case, of which the short form is the usual one. */
export function typeName(spelled: string): string {
	const name = spelled
		.replace(/[\s`]/g, "")
		.replace(/,.*$/, "")
		.toLowerCase()
		.replace(/^system\./, "");
	return ACCELERATORS[name] ?? name;
}

const ACCELERATORS = table<string>({
	powershell: "management.automation.powershell",
	ps: "management.automation.powershell",
	scriptblock: "management.automation.scriptblock",
	regex: "text.regularexpressions.regex",
	wmiclass: "management.managementclass",
	adsi: "directoryservices.directoryentry",
	xml: "xml.xmldocument",
	ipaddress: "net.ipaddress",
	ref: "management.automation.psreference",
});

/** Joins what is known of two values as `+` does. */
export function added(left: Value, right: Value): Value {
	if (left.kind !== "texts")
		return right.kind === "texts" && right.partial !== true ? partial(shown(right).join(" ")) : UNKNOWN;
	if (right.kind !== "texts") return left.partial || left.texts.length !== 1 ? left : partial(left.texts[0] ?? "");
	const soft = left.partial === true || right.partial === true;
	if (left.texts.length > 1) {
		const texts = [...left.texts, ...right.texts];
		return soft ? { kind: "texts", texts, partial: true } : listOf(texts);
	}
	const [one = ""] = left.texts;
	const other = right.texts.join(" ");
	const sum = isNumber(one) && isNumber(other) ? String(Number(one) + Number(other)) : one + other;
	return soft ? partial(sum) : textOf(sum);
}

export const isNumber = (text: string): boolean => /^-?\d{1,9}$/.test(text);

/** Values as elements of one list, as the comma joins them. */
export function listed(values: readonly Value[]): Value {
	const texts = values.flatMap((value) => shown(value));
	if (values.every((value) => value.kind === "texts" && !value.partial)) return listOf(texts);
	return texts.length === 0 ? UNKNOWN : { kind: "texts", texts: texts.slice(0, LIST_MAX), partial: true };
}

/** The numbers from one to the other, both included. */
export function range(left: Value, right: Value): Value {
	const [from, to] = [known(left), known(right)];
	if (from === null || to === null || !isNumber(from) || !isNumber(to)) return UNKNOWN;
	const [first, last] = [Number(from), Number(to)];
	if (Math.abs(last - first) >= LIST_MAX) return UNKNOWN;
	const step = last < first ? -1 : 1;
	return listOf(Array.from({ length: Math.abs(last - first) + 1 }, (_, at) => String(first + at * step)));
}

/** `x[1,3]`, `x[-1..-4]`: the characters of a text or the elements of an array. */
export function indexed(value: Value, index: Value): Value {
	if (value.kind !== "texts" || index.kind !== "texts") return UNKNOWN;
	const of = value.texts.length === 1 ? [...(value.texts[0] ?? "")] : value.texts;
	const picked: string[] = [];
	for (const at of index.texts) {
		if (!isNumber(at)) return UNKNOWN;
		const found = of.at(Number(at));
		if (found !== undefined) picked.push(found);
	}
	return value.partial ? UNKNOWN : listOf(picked);
}
