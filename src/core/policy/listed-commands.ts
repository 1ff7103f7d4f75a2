/**
 * Lists of commands that shells may be given: whether every command of a call is on one.
 *
 * L1  A command is on the list if it begins with the words of an entry: the program without a folder, then its first words that
 *     are no options; an entry's options are among the command's. Case counts where it does to the system.
 * L2  A command that is not plain is on no list: a program, word or input that is known only when it runs, a program from a folder
 *     that is not the system's, variables set for it, output into a file outside the folder where it runs, or
 *     into `.git` and its like, which listed programs obey.
 * L3  What runs a command counts beside it: `sudo ls` is `sudo` and `ls`.
 * L4  What cannot be read is on no list.
 */
import { once } from "../base/once.ts";
import type { Fact } from "../classify/fact.ts";
import { ignoresCase } from "./fact-values.ts";

/** The first thing that is on no list; null: all is. */
export function firstUnlisted(facts: readonly Fact[], only: readonly (readonly string[])[]): Fact | null {
	const anyCase = once(() => only.map((words) => words.map((word) => word.toLowerCase())));
	const isOnList = (fact: Fact): boolean =>
		(ignoresCase(fact) ? anyCase() : only).some((words) => beginsWith(fact, words));
	return facts.find((fact) => isUnlisted(fact, isOnList)) ?? null;
}

function isUnlisted(fact: Fact, isOnList: (command: Fact) => boolean): boolean {
	switch (fact.kind) {
		case "command":
			return !isPlain(fact) || !isOnList(fact);
		case "redirect":
			return !isReadOnly(fact) && !isInside(fact);
		case "encoding":
		case "opaque":
		case "truncated":
			return true;
		default:
			return false;
	}
}

/** Where systems keep their programs. */
const SYSTEM_PROGRAMS = /^(?:\/usr)?(?:\/local)?\/s?bin\/[^/]+$/;

function isPlain({ has }: Fact): boolean {
	if (has["shape"]?.[0] !== "plain" || has["env"] !== undefined) return false;
	return has["path"]?.every((path) => SYSTEM_PROGRAMS.test(path)) ?? true;
}

function beginsWith({ has }: Fact, [program, ...rest]: readonly string[]): boolean {
	if (has["program"]?.[0] !== program) return false;
	const words = has["words"] ?? [];
	let at = 0;
	for (const word of rest) {
		if (word.startsWith("-")) {
			if (has["flags"]?.includes(word.replace(/^-+/, "")) !== true) return false;
		} else if (words[at++] !== word) return false;
	}
	return true;
}

/** It reads a file: what is read from a network was asked for there. */
const isReadOnly = ({ has }: Fact): boolean =>
	has["mode"]?.every((mode) => mode === "read") === true && has["pathclass"]?.includes("network") !== true;

/** Within the folder where it runs and what is run later is not kept, or nowhere. */
const isInside = ({ has }: Fact): boolean =>
	has["path"]?.every(
		(path) =>
			path === "/dev/null" ||
			!(/^[/~\\]|^[a-z]:|[$`*?]/i.test(path) || path.split(/[/\\]/).some((step) => LEADS_AWAY.test(step))),
	) === true;

/** Up, or to what listed programs obey: settings and hooks of git, programs of packages. */
const LEADS_AWAY = /^(?:\.\.|\.git|\.bin|\.husky|\.gitmodules)$/i;
