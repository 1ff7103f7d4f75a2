/** The floors of the house as an allow-list, and what is wrong with one file of `src/` by it. */
import { posix } from "node:path";
import { type Import, parse } from "es-module-lexer";

/**
 * Rooms from the ground up. A room may import from itself and from rooms before it; rooms of one line are separate
 * houses on one floor (adapters) and never import each other.
 */
const ROOMS: readonly (readonly string[])[] = [
	["core/base"],
	["core/language"],
	["core/merkle"],
	["core/model"],
	["core/arguments"],
	["core/codec"],
	["core/match"],
	["core/classify"],
	["core/policy"],
	["core/state"],
	["core/token"],
	["core/engine"],
	["core/ledger"],
	["core/audit"],
	["core/analysis"],
	["ports"],
	["reading"],
	["publishing"],
	["operations"],
	["client"],
	["replay"],
	["notary"],
	["export"],
	["verify"],
	["processor"],
	["adapters/thread-file.ts"],
	[
		"adapters/memory",
		"adapters/embedded",
		"adapters/kafka",
		"adapters/http",
		"adapters/mcp",
		"adapters/pino",
		"adapters/prometheus",
		"adapters/otel",
		"adapters/keys",
		"adapters/threads",
	],
	["app"],
	["cli"],
	["client.ts"],
	["analysis.ts"],
	["index.ts"],
];

/** What rooms of the core may import from outside. */
const CORE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
	"node:crypto": ["core/base", "core/merkle", "core/state"],
	"node:buffer": ["core/base", "core/codec", "core/merkle", "core/audit"],
	yaml: ["core/policy"],
	// Unpacks what calls carry packed: computes from its input alone, with a bound on what comes out.
	"node:zlib": ["core/classify"],
	zod: ["core/policy", "core/analysis"],
	unbash: ["core/classify"],
	"@lezer/python": ["core/classify"],
	"@lezer/common": ["core/classify"],
};

/** Names of `node:crypto` and `node:zlib` that only compute. */
const COMPUTING = new Set([
	"createHash",
	"hash",
	"createHmac",
	"hkdfSync",
	"createCipheriv",
	"createDecipheriv",
	"unzipSync",
]);

/** Clock, chance, process, network, locale: none of them may be asked by the core. */
const EFFECTS =
	/\bDate\.now\b|\bnew Date\(\s*\)|(?<!\bnew\s|[.\w])Date\(|\bMath\.random\b|\bperformance\.|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bprocess\.|\bglobalThis\b|\bfetch\(|\brandomUUID\b|\bgetRandomValues\b|\bIntl\.|\blocaleCompare\b|\btoLocale\w+\b|\bWorker\(|\beval\(|\bnew Function\b/;

/** Loads code in ways that the lexer cannot follow. */
const HIDDEN = /\brequire\s*\(|\bcreateRequire\b|\bimport\s*=|\/\/\/\s*<reference/;

/** What `path` (below `src/`, with slashes) does against the rules; `init` of es-module-lexer comes first. */
export function refusals(path: string, source: string): readonly string[] {
	const room = roomOf(path);
	if (room === null) return ["stands in no room of the allow-list"];
	const [imports] = parse(source, path);
	const found = imports.flatMap((one) => refusedImport(one, path, room, source));
	const code = withoutComments(source);
	const computed = [...code.matchAll(/\bimport\s*\(/g)].filter((match) => !isAwaitedLiteral(code, match.index));
	if (computed.length > 0) found.push("has an `import(…)` that is not `await import` of a literal");
	if (HIDDEN.test(code)) found.push("loads code in a way that cannot be followed");
	// The rule pack is texts, and names what calls do.
	if (isCore(room) && !path.endsWith("/rules.generated.ts")) {
		const effect = EFFECTS.exec(code);
		if (effect !== null) found.push(`the core asks for \`${effect[0]}\``);
	}
	return found;
}

function refusedImport(one: Import, path: string, room: string, source: string): readonly string[] {
	if (one.type === "import-meta") return isCore(room) ? ["the core uses `import.meta`"] : [];
	const { specifier } = one;
	if (specifier === undefined) return ["imports a computed name"];
	if (!specifier.startsWith("."))
		return isCore(room) ? refusedPackage(specifier, room, source.slice(one.importStart, one.importEnd)) : [];
	const target = posix.normalize(posix.join(posix.dirname(path), specifier));
	const to = target.startsWith("..") ? null : roomOf(target);
	if (to === null) return [`imports \`${specifier}\`, which is in no room`];
	if (to === room || floorOf(to) < floorOf(room)) return [];
	return [`${room} imports ${to}`];
}

function refusedPackage(specifier: string, room: string, statement: string): readonly string[] {
	if (CORE_PACKAGES[specifier]?.includes(room) !== true) return [`${room} imports \`${specifier}\``];
	if (specifier !== "node:crypto" && specifier !== "node:zlib") return [];
	const names = /\{([^}]*)\}/
		.exec(statement)?.[1]
		?.split(",")
		.map((name) => name.trim().split(/\s/)[0] ?? "") ?? ["*"];
	return names
		.filter((name) => name !== "" && !COMPUTING.has(name))
		.map((name) => `${room} imports \`${name}\` of node:crypto`);
}

/** The room with the longest name that the path begins with. */
function roomOf(path: string): string | null {
	return ROOMS.flat().find((room) => path === room || path.startsWith(`${room}/`)) ?? null;
}

const floorOf = (room: string): number => ROOMS.findIndex((rooms) => rooms.includes(room));

const isCore = (room: string): boolean => room.startsWith("core/");

const isAwaitedLiteral = (code: string, at: number): boolean =>
	/\bawait\s+$/.test(code.slice(0, at)) && /^import\s*\(\s*"[^"$]+"\s*\)/.test(code.slice(at));

/** Comments may name what code must not use. Strings are passed over first, for they may hold what looks like a comment. */
const withoutComments = (source: string): string =>
	source.replace(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/(?!\/\s*<).*/g, (token) =>
		token.startsWith("/") ? " " : token,
	);
