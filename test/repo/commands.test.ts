/** Every command and option that a help, an error or a page names is there. */
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { Context } from "../../src/cli/context.ts";
import { programOf } from "../../src/cli/run.ts";
import { filesBelow, textOf } from "../support/repository.ts";

const { stdin, stdout, stderr } = process;
const PROGRAM = await programOf(new Context({ stdin, stdout, stderr, env: {} }, new AbortController().signal));

interface Mention {
	readonly where: string;
	/** What stands behind `assent`. */
	readonly text: string;
}

/** In backticks (in code they are escaped), or on a line of its own as an example. */
const IN_TICKS = /\\?`(?:npx )?assent ([^`]*?)\\?`/g;
const AS_EXAMPLE = /(?:^|\\n|&& )\s*(?:npx )?assent ([a-z][^\\\n"#]*)/gm;

function mentionsIn(path: string): Mention[] {
	const text = textOf(path);
	return [IN_TICKS, AS_EXAMPLE].flatMap((pattern) =>
		[...text.matchAll(pattern)].map((match) => ({
			where: `${path}:${text.slice(0, match.index).split("\n").length}`,
			// Up to what is put in when it is said, and to the next command of a line.
			text: (match[1] ?? "").split(/\$\{|&&/)[0]?.trim() ?? "",
		})),
	);
}

/** What is wrong with a mention, or null. */
function fault({ text }: Mention): string | null {
	const words = text.split(/\s+/).filter((word) => word !== "");
	let command: Command = PROGRAM;
	while (command.commands.length > 0) {
		const word = words.shift();
		// `budgets` and the like do something by themselves; `assent …` and `assent COMMAND` name none.
		if (word === undefined || !/^[a-z]/.test(word)) {
			if (word !== undefined) words.unshift(word);
			break;
		}
		const names = word.replace(/[,.;:]$/, "").split(/\\?\|/);
		const found = names.map((name) => command.commands.find((each) => each.name() === name));
		const missing = names.find((_, at) => found[at] === undefined);
		if (missing !== undefined) return `\`${command.name()}\` has no command \`${missing}\``;
		const [only] = found;
		if (found.length > 1 || only === undefined) return null;
		command = only;
	}
	const options = new Set(["--help", "--version"]);
	// Of a group that was named alone, or with a verb that is put in later, any of its commands may be meant.
	for (const each of [command, ...command.commands, PROGRAM]) {
		for (const { long } of each.options) if (long) options.add(long);
	}
	const unknown = words.map((word) => /^--[a-z][a-z-]*/.exec(word)?.[0]).find((word) => word && !options.has(word));
	return unknown === undefined ? null : `\`${command.name()}\` has no option \`${unknown}\``;
}

const PAGES = filesBelow("").filter((path) =>
	/^(?:src\/.*\.ts|docs\/.*\.md|[A-Z]+\.md|policies\/.*|schemas\/.*\.json)$/.test(path),
);

describe("commands that are named", () => {
	it("are found where they stand, and told from what does not exist", () => {
		const mentions = PAGES.flatMap(mentionsIn);
		expect(mentions.length).toBeGreaterThan(100);
		expect(fault({ where: "", text: "console open" })).toMatch(/no command `console`/);
		expect(fault({ where: "", text: "policy activates FILE" })).toMatch(/no command `activates`/);
		expect(fault({ where: "", text: "tail intents --until 5" })).toMatch(/no option `--until`/);
	});

	it("exist, with their options", () => {
		const wrong = PAGES.flatMap(mentionsIn).flatMap((mention) => {
			const what = fault(mention);
			return what === null ? [] : [`${mention.where}: \`assent ${mention.text}\`: ${what}`];
		});
		expect(wrong).toEqual([]);
	});

	it("are all in the README's table", () => {
		const readme = textOf("README.md");
		const names = PROGRAM.commands
			.filter((each) => each.name() !== "schemas")
			.flatMap((command) => {
				const below = command.commands.map((each) => each.name());
				return [command.name(), ...below];
			});
		const table = readme.slice(readme.indexOf("| command | does |"), readme.indexOf("Every command has"));
		expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(table))).toEqual([]);
	});
});

describe("a command that is named", () => {
	it("loads no other: none is imported but on demand", () => {
		expect(textOf("src/cli/run.ts")).not.toMatch(/from "\.\/commands\//);
	});
});
