/**
 * The values that rules ask of facts: in the spelling in which facts have them.
 *
 * V1  Case counts where it does to the system: in what POSIX shells are given, and in names of code.
 * V2  Hosts are named in the spelling of a `URL`, as in conditions.
 */
import { parseHostPattern } from "../arguments/url-test.ts";
import { nearest, suggest } from "../base/suggestion.ts";
import type { Fact, FactKind } from "../classify/fact.ts";
import { FACT_ATTRIBUTES, FACT_VALUES } from "../classify/fact-attributes.ts";
import { hasValue } from "../classify/rules.ts";
import type { CheckReport } from "./check-report.ts";
import type { WantedAttributes } from "./rules.ts";
import type { YamlPath } from "./yaml-source.ts";

const CASE_COUNTS: ReadonlySet<FactKind> = new Set(["command", "call", "import"]);

/** The values as facts of the kind have them. */
export const factValues = (kind: FactKind, wanted: WantedAttributes): WantedAttributes =>
	mapValues(wanted, (value, attribute) => {
		if (attribute === "via") return value;
		if (attribute === "host") return hostValue(value);
		return CASE_COUNTS.has(kind) ? value : value.toLowerCase();
	});

/** In lower case, but for the way on which facts are come upon. */
export const inLowerCase = (wanted: WantedAttributes): WantedAttributes =>
	mapValues(wanted, (value, attribute) => (attribute === "via" ? value : value.toLowerCase()));

/** Is the fact of a system to which `Remove-Item` is `remove-item`? */
export const ignoresCase = ({ has }: Fact): boolean => has["os"]?.[0] === "windows";

/** A fact of a kind where case does not count, in lower case. */
export function comparableFact(fact: Fact): Fact {
	if (CASE_COUNTS.has(fact.kind) || !Object.values(fact.has).some((texts) => texts.some(hasUpperCase))) return fact;
	return { ...fact, has: mapValues(fact.has, (text) => text.toLowerCase()) };
}

const hasUpperCase = (text: string): boolean => /\p{Lu}/u.test(text);

const mapValues = (of: WantedAttributes, map: (value: string, attribute: string) => string): WantedAttributes =>
	Object.fromEntries(
		Object.entries(of).map(([attribute, values]) => [attribute, values.map((value) => map(value, attribute))]),
	);

/** Whole names, and what ends in one, are hosts; other values are texts that a host may hold. */
function hostValue(value: string): string {
	const read = parseHostPattern(value);
	if (!read.ok) return value.toLowerCase();
	return read.value.isSuffix ? `*${read.value.host}` : read.value.host;
}

/** What a rule or a kind of calls asks of facts of a kind. */
interface Asked {
	readonly fact: FactKind;
	readonly has?: WantedAttributes | undefined;
	readonly all?: WantedAttributes | undefined;
	readonly none?: WantedAttributes | undefined;
}

/** That there are facts with these values. */
export function checkFactValues(report: CheckReport, asked: Asked, path: YamlPath): void {
	const { fact, none = {} } = asked;
	for (const part of ["has", "all", "none"] as const) {
		for (const [attribute, values] of Object.entries(asked[part] ?? {})) {
			for (const [index, value] of values.entries()) {
				const fault =
					attribute === "host"
						? hostFault(value, part, fact)
						: ((fact === "command" ? commandFault(attribute, value) : null) ??
							phraseFault(fact, attribute, value) ??
							closedFault(fact, attribute, value));
				if (fault === null) continue;
				report.add("POLICY_SCHEMA", fault.message, fault.help, report.yaml.placeOf([...path, part, attribute, index]));
			}
		}
	}
	const [has, all, without] = [asked.has ?? {}, asked.all ?? {}, none].map((each) => factValues(fact, each)) as [
		WantedAttributes,
		WantedAttributes,
		WantedAttributes,
	];
	for (const [attribute, excluded] of Object.entries(without)) {
		const isExcluded = (value: string): boolean => areWithin([value], excluded);
		const isNever = has[attribute]?.every(isExcluded) === true || all[attribute]?.some(isExcluded) === true;
		if (!isNever) continue;
		report.add(
			"POLICY_SCHEMA",
			`\`none\` excludes every \`${attribute}\` that is asked for: the rule can never fire`,
			"remove values in `none`, or ask for others",
			report.yaml.placeOf([...path, "none", attribute]),
		);
	}
}

/** Is every text that one of the values takes taken by one of `others`? What `*` stands for may be a letter that no value has. */
export const areWithin = (values: readonly string[], others: readonly string[]): boolean =>
	values.every((value) => hasValue(others, value.replaceAll("*", "\0")));

interface ValueFault {
	readonly message: string;
	readonly help: string;
}

/** Of an attribute that has certain values only: one that it has not. */
function closedFault(kind: FactKind, attribute: string, written: string): ValueFault | null {
	const known = FACT_VALUES[kind]?.[attribute];
	const value = written.toLowerCase();
	if (known === undefined || known.some((one) => hasValue([one], value) || hasValue([value], one))) return null;
	// Some dialect or server has others: what is told of is a slip of the pen.
	if ((attribute === "verb" || attribute === "method") && nearest(value, known) === null) return null;
	const message = `no \`${attribute}\` of facts of the kind \`${kind}\` is \`${written.slice(0, 60)}\``;
	return { message, help: suggest(value, known) };
}

/** A verb is one word: of several, the first is meant. */
function phraseFault(kind: FactKind, attribute: string, value: string): ValueFault | null {
	if (attribute !== "verb" || !FACT_ATTRIBUTES[kind].includes(attribute) || !/\s/.test(value)) return null;
	const [first = ""] = value.trim().split(/\s+/);
	const meant = nearest(first, FACT_VALUES[kind]?.[attribute] ?? []) ?? first;
	const message = `\`${value.slice(0, 60)}\` is no verb: a verb is one word`;
	return { message, help: meant === "" ? "name a word" : `write \`${meant}\`` };
}

/** Flags have no dashes, programs no folder and no words behind them: a value that has them is never met. */
function commandFault(attribute: string, value: string): ValueFault | null {
	const written = value.slice(0, 60);
	if (attribute === "flags" && /^-+./.test(value)) {
		const message = `no flag of facts of the kind \`command\` begins with a dash, as \`${written}\` does`;
		return { message, help: `write \`${written.replace(/^-+/, "")}\`: it means \`-\` and \`--\`` };
	}
	if (attribute !== "program") return null;
	const message = `\`${written}\` is no name of a program`;
	if (value.includes("/")) return { message, help: "write it without its folder: `path` is where it lies" };
	if (/^\s|\s$|\s-/.test(value))
		return { message, help: "write the program alone: `words`, `sub` and `flags` follow it" };
	return null;
}

function hostFault(value: string, part: "has" | "all" | "none", kind: FactKind): ValueFault | null {
	const isText = part !== "none" && value.includes("*") && !/[:/\s]/.test(value);
	const scheme = FACT_ATTRIBUTES[kind].includes("scheme") ? "scheme" : null;
	const read = parseHostPattern(value, { scheme, classes: "class", path: "goes into `path`" });
	if (!read.ok) return isText || /^[^*:/\s]+\*$/.test(value) ? null : read.error;
	if (read.value.port === null) return null;
	const message = `\`${value.slice(0, 60)}\` names a port beside the host`;
	return { message, help: `facts have it apart: \`port: ['${read.value.port}']\`` };
}
