/** The attributes of the fact `command`. */

import { baseName } from "./heads.ts";
import type { Inner } from "./inner.ts";
import { isShell } from "./interpreters.ts";
import { takeOptions } from "./options.ts";
import { scriptOf } from "./shell-words.ts";
import type { Standing } from "./standing.ts";
import type { Field } from "./words.ts";

export interface Seen {
	/** Null: not known before it runs. */
	readonly program: string | null;
	readonly name: Field;
	readonly args: readonly Field[];
	readonly standing: Standing;
	/** Programs in substitutions among its words. */
	readonly substitutes: readonly string[];
	/** It runs a file that this text fetched or wrote. */
	readonly runs: string | null;
	/** Commands that it runs, of those that stand among its words. */
	readonly others: readonly Inner[];
	/** It is a function that runs itself. */
	readonly recursive: "pipe" | "plain" | null;
	/** Something else of the same text ran before. */
	readonly isAfter: boolean;
}

const POSIX = ["posix"];
const YES = ["yes"];
const DYNAMIC = ["dynamic"];
const PLAIN = ["plain"];
const NAMED = ["named"];

/** A shell named among the words of something else: `/bin/sh`, `!sh`. */
const SHELL_WORD = new RegExp(
	[
		/(?:\/(?:usr\/)?(?:local\/)?bin\/|\/system\/bin\/)(?:ba|da|z|k|a|c|tc|fi|mk)?sh(?![\w.-])/,
		/(?:^|[\s"';:])!\s*(?:ba|z|k|da)?sh\b/,
		/\bexec\s+["']?(?:ba|z|da|k)?sh\b/,
		/(?:^|[;|&(`=]\s*|^reset;\s*)(?:ba|z|da|k)?sh\s+(?:-[a-z]\b|\d?[<>]|\$\()/,
		/["'](?:ba|z|da|k)?sh["'](?:\s*[,)\]]|$)/,
	]
		.map(({ source }) => source)
		.join("|"),
);

export function commandFact({
	program,
	name,
	args,
	standing,
	substitutes,
	runs,
	recursive,
	others,
	isAfter,
}: Seen): Record<string, readonly string[]> {
	const { flags, values, words, sub } = takeOptions(program ?? "", args);
	const { input, from, to, env, outputs, sends } = standing;
	const isDynamic = !name.isStatic || args.some(({ isStatic }) => !isStatic);
	const has: Record<string, readonly string[]> = {
		program: program === null ? [] : [program],
		flags,
		values,
		words,
		sub,
		os: POSIX,
		shape: isDynamic ? DYNAMIC : PLAIN,
	};
	if (runs !== null) has["runs"] = [runs];
	if (recursive !== null) has["recursive"] = [recursive];
	if (others.length > 0) {
		has["spawns"] = NAMED;
		const wraps = others.flatMap((each) => (each.kind === "argv" ? [baseName(each.args[0]?.text ?? "")] : []));
		if (wraps.length > 0) has["wraps"] = wraps;
	}
	if (name.text.includes("/")) has["path"] = [name.text];
	if (input.kind !== "none") {
		has["input"] = [input.kind];
		has["source"] = [input.text === null ? "dynamic" : "static"];
		if (input.layers.length > 0) has["layers"] = input.layers;
	}
	if (from.length > 0) has["from"] = from;
	if (to.length > 0) has["to"] = to;
	if (env.length > 0) has["env"] = env;
	if (outputs.length > 0) {
		has["redirected"] = YES;
		const isOfNothing = program === ":" || program === "true" || (program === "cat" && words[0] === "/dev/null");
		if (isOfNothing && words.length < 2 && standing.isEmptying) has["sources"] = ["nothing"];
	}
	if (sends.length > 0) has["sends"] = sends;
	if (standing.isBackground) has["background"] = YES;
	if (substitutes.length > 0) has["substitutes"] = [...new Set(substitutes)];
	if (program === null) has["dynamic"] = [substitutes.length > 0 ? "substitution" : "variable"];
	const isInteractive =
		program !== null &&
		isShell(program) &&
		scriptOf(args).kind === "input" &&
		input.kind === "none" &&
		!args.some(({ text }) => /^-(?:-help|-version|h|n)$/.test(text));
	if (isInteractive) has["spawns"] = [standing.isWrapped ? "wrapped" : "plain", ...(isAfter ? ["after"] : [])];
	const isOfEnvironment = env.length > 0 && env.some(isOfShell);
	if (namesShell(args)) has["mentions"] = isOfEnvironment ? ["shell", "environment"] : ["shell"];
	else if (isOfEnvironment) has["mentions"] = ["environment"];
	if (isDynamic && args.some(({ text }) => SECRET_VARIABLE.test(text)))
		has["mentions"] = [...(has["mentions"] ?? []), "secret"];
	if (program === "chmod") has["mode"] = [modeOf(args)];
	else if (program === "install" || program === "mkdir") {
		const mode = values.find((value) => /^m(?:ode)?=/.test(value));
		if (mode !== undefined) has["mode"] = [modeOfText(mode.slice(mode.indexOf("=") + 1))];
	}
	return has;
}

/** A variable in which a well-known program keeps what lets it in. */
const SECRET_VARIABLE =
	/\$\{?(?:AWS_(?:SECRET_ACCESS_KEY|SESSION_TOKEN)|AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS|(?:GITHUB|GITLAB|NPM|SLACK|VAULT)_TOKEN|(?:OPENAI|ANTHROPIC)_API_KEY|(?:STRIPE_)?SECRET_KEY|(?:DB_|DATABASE_|PG|MYSQL_ROOT_)PASSWORD)\b/;

function namesShell(args: readonly Field[]): boolean {
	for (const { text } of args) if (text.includes("sh") && SHELL_WORD.test(text)) return true;
	return false;
}

/** `PAGER='sh -c …'`, but not `SHELL=/bin/bash`. */
const isOfShell = (text: string): boolean =>
	!text.startsWith("SHELL=") && /(?:^|[=/\s"'!])(?:ba|da|z|k)?sh(?:$|[\s"';])/.test(text);

/** `setid`, `world` (others may write), `tight`: what it grants. */
function modeOf(args: readonly Field[]): string {
	return modeOfText(args.find(({ text }) => !/^-(?:[RfvcHLP]+$|-)/.test(text))?.text ?? "");
}

function modeOfText(mode: string): string {
	if (/^0?[2467][0-7]{3}$/.test(mode) || /[ugoa,]*[+=][rwxXt]*s/.test(mode)) return "setid";
	if (
		/^0?0?[0-7]{2}[2367]$/.test(mode) ||
		/(?:^|,)[ug]*[oa][ugoa]*[+=][rxX]*w/.test(mode) ||
		/(?:^|,)\+[rxX]*w/.test(mode)
	)
		return "world";
	if (/^0?0?[0-7]00$/.test(mode) || /(?:^|,)(?:go|og|o|g)[-=]/.test(mode)) return "tight";
	return /x|^0?[1357]/.test(mode) ? "execute" : "other";
}
