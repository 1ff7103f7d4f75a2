/** Keys that other tools have, or that authors expect, and what is written here in their place. */

const range = { key: "number", help: "write `number`, such as `number: '> 100'` or `number: 1..100`" };
const values = { key: "oneOf", help: "write `oneOf: [...]`, or `number` for a number" };
const hosts = { key: "url", help: "write `url: { hosts: [...] }`" };
const fires = { key: "when", help: "write `when`, what the rule fires on" };
const must = { key: "require", help: "write `require`, what must be so" };
const excepted = { key: "except", help: "write `except: [...]`, the tools that are not meant" };
const insensitive = { key: "case", help: "write `case: insensitive`" };

const section = { key: "tools", help: "it goes into `tools`, such as `tools: { deny: [bash] }`" };
const denies = { key: "deny", help: "write `deny: [...]`" };
const holds = { key: "hold", help: "write `hold: [...]`, and say in `approvals` who decides" };
const within = { key: "appliesTo", help: "it goes into `appliesTo`, such as `appliesTo: { agents: [a] }`" };
const tests = { key: "in", help: "tests of a list must all hold; for either of two write two rules" };
const wait = { key: "expires", help: "write `expires`, how long a held call waits" };

/** Words of other tools, by where they are written: the first whose key can be written there counts. */
const FOREIGN: Readonly<Record<string, Foreign | readonly Foreign[] | undefined>> = {
	deny: section,
	hold: section,
	default: section,
	block: [denies, section],
	blocked: [denies, section],
	ask: [holds, section],
	confirm: [holds, section],
	agents: within,
	tenants: within,
	rules: { key: "patterns", help: "rules are listed in `patterns`, `conditions` and `limits`" },
	priority: { key: "mode", help: "remove it: there is no order, the strictest verdict wins" },
	enabled: { key: "mode", help: "remove it; `mode: audit` takes the force away" },
	id: { key: "name", help: "write `name`" },
	description: [
		{ key: "message", help: "write `message`, which the agent is told, or a comment" },
		{ key: "metadata", help: "it goes into `metadata`" },
	],
	text: { key: "substring", help: "write `substring`" },
	contains: { key: "substring", help: "write `substring`" },
	startswith: { key: "regex", help: "write `regex: '^…'`, with a backslash before special characters" },
	endswith: { key: "regex", help: "write `regex: '…$'`, with a backslash before special characters" },
	value: values,
	args: { key: "in", help: "write `in: args.NAME`" },
	in: { key: "when", help: "put the test into `when` or `require`: `when: { in: args.NAME, … }`" },
	not: { key: "in", help: "write what must be so in `require`, and what must not be in `when`" },
	or: tests,
	any: tests,
	anyof: tests,
	and: tests,
	all: tests,
	allof: tests,
	approvers: { key: "approval", help: "write `approval: NAME`, the name of an entry of `approvals`" },
	except: { key: "allow", help: "write it beside `tools` in an entry: `{ tools: ['*'], except: [...] }`" },
	timeout: [wait, { key: "deadline", help: "write `deadline`" }],
	ignorecase: insensitive,
	caseinsensitive: insensitive,
	flags: insensitive,
	casesensitive: { key: "case", help: "write `case: sensitive`" },
	exclude: excepted,
	excluding: excepted,
	exceptions: excepted,
	name: [
		{ key: "metadata", help: "write `metadata: { name: … }`" },
		{ key: "except", help: "entries of this list have no name: remove it" },
	],
	action: { key: "effect", help: "write `effect: deny` or `effect: hold`" },
	pattern: { key: "regex", help: "write `regex`, `substring` or `glob`" },
	field: { key: "in", help: "write `in: args.NAME`" },
	arg: { key: "in", help: "write `in: args.NAME`" },
	window: { key: "per", help: "write `per`, such as `per: 1h`" },
	period: { key: "per", help: "write `per`, such as `per: 1h`" },
	until: { key: "expires", help: "write `expires`" },
	expiresat: { key: "expires", help: "write `expires`" },
	justification: { key: "reason", help: "write `reason`" },
	because: { key: "reason", help: "write `reason`" },
	limit: { key: "max", help: "write `max`" },
	type: [
		{ key: "measure", help: "write `measure`" },
		{ key: "number", help: "remove it: each test says by its key what it reads" },
	],
	gt: range,
	gte: range,
	lt: range,
	lte: range,
	min: range,
	max: range,
	range,
	greaterthan: range,
	lessthan: range,
	equals: values,
	eq: values,
	is: values,
	values,
	enum: values,
	exists: { key: "present", help: "write `present: true` or `present: false`" },
	maxlength: { key: "length", help: "write `length: '<= 200'`" },
	size: { key: "count", help: "write `count` for a list, `length` for a text" },
	host: hosts,
	hosts,
	domain: [hosts, { key: "hosts", help: "write `hosts`" }],
	domains: [hosts, { key: "hosts", help: "write `hosts`" }],
	if: fires,
	where: fires,
	unless: [must, { key: "when", help: "write `when`, what must be so for the calls that it is for" }],
	must,
	allow: must,
	only: must,
};

const first = { key: "after", help: "write `after`, the calls that begin the sequence" };
const second = { key: "then", help: "write `then`, the calls that are stopped from then on" };
const time = { key: "within", help: "write `within`, such as `within: 30m`" };

const FOREIGN_TO_SEQUENCES: Readonly<Record<string, Foreign | undefined>> = {
	first,
	before: first,
	when: first,
	source: first,
	taint: first,
	from: first,
	second,
	next: second,
	followedby: second,
	sink: second,
	to: second,
	deny: second,
	per: time,
	for: time,
	ttl: time,
	window: time,
	period: time,
	duration: time,
};

interface Foreign {
	/** What it is called here. */
	readonly key: string;
	readonly help: string;
}

/** What a word of another tool is called here, where `known` keys may be written. */
export function foreign(key: string, known: readonly string[]): Foreign | undefined {
	const plain = key.toLowerCase().replace(/[_-]/g, "");
	const word = plain === "then" ? "action" : plain;
	if (key.startsWith("args.") && known.includes("in")) {
		return { key: "in", help: `write \`in: ${key.slice(0, 60)}\`, and beside it what it is` };
	}
	const meant = Object.hasOwn(FOREIGN, word) ? (FOREIGN[word] ?? []) : [];
	const inSequence = Object.hasOwn(FOREIGN_TO_SEQUENCES, word) ? (FOREIGN_TO_SEQUENCES[word] ?? []) : [];
	return [meant, inSequence].flat().find((each) => known.includes(each.key));
}
