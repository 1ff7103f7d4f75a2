/** What is parsed as a plain script has the tree that the parser of all scripts gives, as far as the walk looks at it. */
import fc from "fast-check";
import { type Command, parse, type Statement, type Word, type WordPart } from "unbash";
import { expect, it } from "vitest";
import { plainScript } from "../../src/core/classify/shell/plain-script.ts";

const common = fc.constantFrom(
	...["ls", "-la", "git", "x=1", "--out=a", "'a b'", '"c  d"', "a'$b'c", "*.ts", "src/?", "7", "é", "alias"],
	...["2>&1", ">", ">>", "<", ">&2", "|", "||", "&&", ";", "\n", "\t", "2>/dev/null"],
);
const rare = fc.constantFrom(
	...[
		"'",
		'"',
		"if",
		"done",
		"time",
		"export",
		"let",
		"12",
		"&>",
		"&",
		";;",
		"$x",
		"~",
		"#c",
		"{a,b}",
		"(",
		")",
		"[",
		"!",
	],
	...["\\", "`", "@(", "a=", "=", "|&", ">|", "<<E", "12>", "=("],
);
const piece = fc.oneof({ weight: 6, arbitrary: common }, { weight: 1, arbitrary: rare });
const spaced = fc.array(fc.tuple(piece, fc.constantFrom(" ", " ", "", "  ")), { minLength: 1, maxLength: 9 });
const text = spaced.map((pieces) => pieces.flat().join(""));

const RUNS = 4_000;

const ofWord = ({ text, value, pos, end }: Word) => ({ text, value, pos, end });

function ofCommand({ pos, end, name, prefix, args, redirects }: Command): unknown {
	if (name === undefined || prefix.length > 0) return "no plain command";
	return {
		...{ pos, end, name: ofWord(name) },
		words: args.map((each) => (each.type === "Word" ? ofWord(each) : each)),
		redirects: redirects.map((each) => {
			if (each.type !== "Redirect") return each;
			const { operator, descriptor, target, pos, end } = each;
			return { operator, descriptor, pos, end, target: target === undefined ? undefined : ofWord(target) };
		}),
	};
}

function ofNode(node: Statement["command"]): unknown {
	switch (node.type) {
		case "Command":
			return ofCommand(node);
		case "Pipeline":
		case "AndOr": {
			const { type, pos, end, operators } = node;
			return { type, pos, end, operators, commands: node.commands.map(ofNode) };
		}
		default:
			return node;
	}
}

const ofStatement = ({ pos, end, command, background }: Statement) => ({ pos, end, background, of: ofNode(command) });

/** Parts whose value is what stands there. */
const isLiteral = (part: WordPart): boolean =>
	part.type === "DoubleQuoted"
		? part.parts.every(({ type }) => type === "Literal")
		: ["Literal", "SingleQuoted", "Glob"].includes(part.type);

function wordsOf(node: Statement["command"]): readonly Word[] {
	if (node.type === "Pipeline" || node.type === "AndOr") return node.commands.flatMap(wordsOf);
	if (node.type !== "Command") return [];
	const words = [
		node.name,
		...node.args,
		...node.redirects.map((each) => ("target" in each ? each.target : undefined)),
	];
	return words.flatMap((each) => (each?.type === "Word" ? [each] : []));
}

it("has the tree of all scripts", () => {
	let plain = 0;
	fc.assert(
		fc.property(text, (source) => {
			const statements = plainScript(source);
			if (statements === null) return;
			plain += 1;
			const { commands, errors } = parse(source);
			expect(errors).toBeUndefined();
			expect(statements.map(ofStatement)).toEqual(commands.map(ofStatement));
			const words = commands.flatMap(({ command }) => wordsOf(command));
			expect(words.flatMap(({ parts }) => parts ?? []).filter((part) => !isLiteral(part))).toEqual([]);
		}),
		{ numRuns: RUNS },
	);
	expect(plain).toBeGreaterThan(RUNS / 10);
});

it.each([
	'git add -A && git commit -m "Fix the parser"',
	"npm run build 2>&1 | tail -20",
	"grep -rn 'a|b' src --include=*.ts > out.txt; wc -l < out.txt",
	"make -j4\n\nmake test || echo failed >> log\n",
])("takes `%s`", (source) => {
	expect(plainScript(source)?.map(ofStatement)).toEqual(parse(source).commands.map(ofStatement));
});
