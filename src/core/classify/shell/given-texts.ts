/** Texts that a program is given to run: among its words, from its input, or typed to it in the lines behind it. */
import { pathClasses } from "../path.ts";
import { firstFile } from "./accesses.ts";
import { readCode, readFileCommands } from "./code.ts";
import { addFiles } from "./files.ts";
import { takesOwnLines, textsOf } from "./interpreters.ts";
import { recipes } from "./recipes.ts";
import type { Session, Spot } from "./session.ts";
import type { Standing } from "./standing.ts";
import { textLanguage } from "./text-language.ts";
import { type Field, operandsOf } from "./words.ts";

export function readGivenTexts(
	session: Session,
	program: string,
	args: readonly Field[],
	{ input, spot, outputs }: Standing,
): void {
	const { texts, readsInput } = textsOf(program, args);
	const typed = input.kind === "none" && outputs.length === 0 ? typedTo(session, spot) : input.text;
	const all =
		readsInput && typed !== null
			? [...texts, { language: textLanguage(program), text: typed, isStatic: true, via: `| ${program}` }]
			: texts;
	for (const { language, text, via } of all) {
		const place = session.place(spot);
		const at = { ...place, via: [...place.via, via] };
		const known = withEnvironment(session, text);
		if (language === "code" && /^[gb]?make$/.test(program) && via.startsWith("|"))
			for (const line of recipes(text, operandsOf(args))) session.to.within("shell", line, at);
		else if (language === "code" && takesOwnLines(program)) {
			for (const line of text.split("\n").slice(0, LINES_MAX))
				if (line.trim() !== "") session.to.within("shell", `${program} ${line}`, at);
		} else if (language === "code") readCode(program, withVariables(program, known, args), at, session.to);
		else if (language !== null) {
			session.to.within(language, known, at);
			if (language === "sql") readClientCommands(session, text, spot);
		}
	}
	const lines = isInteractive(program) ? typedTo(session, spot) : null;
	if (lines !== null) {
		if (all === texts) readFileCommands(program, lines, session.place(spot), session.to);
		if (SAVES.test(lines)) addSaved(session, program, args, spot);
	}
	if (program === "powershell" || program === "pwsh") readEncodedCommand(session, args, spot);
	if (program === "cmd" && args.some(({ text }) => /^\/[ck]/i.test(text))) {
		const place = session.place(spot);
		session.to.within(
			"cmd",
			args
				.map(({ text }) => text)
				.slice(1)
				.join(" "),
			{ ...place, via: [...place.via, "cmd /c"] },
		);
	}
}

/** Lines of a console that are each read. */
const LINES_MAX = 32;

/** The lines behind a program that waits for input: what would be typed to it. */
function typedTo({ frame: { text } }: Session, { end }: Spot): string | null {
	return text[end] === "\n" && end + 1 < text.length ? text.slice(end + 1) : null;
}

const ENVIRONMENT =
	/(?:\$?\bENV|\benviron|\b[gG]etenv|\be)\s*[[({]\s*["']?([A-Z_][A-Z_0-9]*)["']?\s*[\])}]|\bprocess\.env\.([A-Z_][A-Z_0-9]*)|\$(?:env|E):([A-Z_][A-Z_0-9]*)/g;

/** What a program asks of its environment, where the text has set that: the value in its place. */
export function withEnvironment({ scope }: Session, text: string): string {
	if (!/env|\be\[|\$E:/i.test(text)) return text;
	return text.replace(ENVIRONMENT, (whole, ...names: (string | undefined)[]) => {
		const name = names.slice(0, 3).find((each) => each !== undefined);
		const value = name === undefined ? undefined : scope.get(name);
		return value?.isStatic === true && !value.text.includes('"') ? `"${value.text}"` : whole;
	});
}

/** `awk -v NAME=VALUE`: the value where the program says the name. */
function withVariables(program: string, text: string, args: readonly Field[]): string {
	if (!/^[gmn]?awk$/.test(program)) return text;
	let changed = text;
	args.forEach((field, index) => {
		const given = field.text === "-v" ? args[index + 1]?.text : /^-v(.+)$/.exec(field.text)?.[1];
		const [, name, value] = /^([A-Za-z_]\w*)=(\/[^\s"]*)$/.exec(given ?? "") ?? [];
		if (name !== undefined) changed = changed.replace(new RegExp(`\\b${name}\\b`, "g"), () => `"${value}"`);
	});
	return changed;
}

const CLIENT_FILE =
	/^[ \t]{0,8}[.\\](import|read|open|restore|i|ir|include|output|once|o|out|excel|log|backup|save|dump)[ \t]{1,8}(?:-\S{1,40}[ \t]{1,8}){0,8}['"]?([^\s'"|]{1,1000})/gm;
/** `\\copy TABLE from 'FILE'`, which the client reads or writes, not the server. */
const CLIENT_COPY = /\\copy\s[^']{1,500}?\b(from|to)\s{1,8}'([^']{1,1000})'/gi;
const CLIENT_WRITES = /^(?:output|once|o|out|log|backup|save|dump|to)$/i;

/** Of clients of databases: lines that name files, or that run a program. */
function readClientCommands(session: Session, text: string, spot: Spot): void {
	if (!text.includes("\\") && !/^[ \t]{0,8}\./m.test(text)) return;
	if (/(?:^|[\s;])\\!\s*\S|^[ \t]{0,8}\.(?:shell|system)\s/m.test(text)) {
		const line = `!${text.replace(/^[\s\S]*?(?:\\!|\.shell|\.system)/, "")}`;
		readCode("sql", line, session.place(spot), session.to);
	}
	if (/^[ \t]{0,8}\.load[ \t]{1,8}\S/m.test(text))
		session.add("call", spot, { name: ["code:library"], program: ["sql"] });
	for (const [, verb = "", path = ""] of [...text.matchAll(CLIENT_FILE), ...text.matchAll(CLIENT_COPY)]) {
		const classes = pathClasses(path);
		if (classes.length === 0 || classes[0] === "workspace") continue;
		const access = CLIENT_WRITES.test(verb) ? "write" : "read";
		session.add("path", spot, { path: [path], pathclass: classes, access: [access], program: ["sql"] });
	}
}

/** Editors and pagers, which wait for lines. */
export const isInteractive = (program: string): boolean => INTERACTIVE.test(program);

const INTERACTIVE = /^(?:r?ed|ex|r?g?vim?|nvim|r?view|vimdiff|nano|pico|emacs|joe|micro|hx|ne|less|more)$/;
const SAVES = /^[ \t]{0,8}(?:\^[OS]|C-x C-s|:?w(?:q|rite)?!?|:?x!?|ZZ|:?up(?:date)?!?)(?:\s|$)/m;

/** An editor whose lines end with a command that saves: the file is written. */
function addSaved(session: Session, program: string, args: readonly Field[], spot: Spot): void {
	if (program === "less" || program === "more") return;
	const files = args.filter(({ text }) => !/^[-+]/.test(text)).slice(firstFile(program, []));
	if (files.length > 0) addFiles(session, "tee", files, { spot });
}

function readEncodedCommand(session: Session, args: readonly Field[], spot: Spot): void {
	const index = args.findIndex(({ text }) => /^-e(?:n(?:c\w*)?|c)?$/i.test(text));
	const encoded = index < 0 ? undefined : args[index + 1]?.text;
	if (encoded === undefined || !/^[A-Za-z0-9+/=]{8,65536}$/.test(encoded)) return;
	const place = session.place(spot);
	session.to.within("powershell", Buffer.from(encoded, "base64").toString("utf16le"), {
		...place,
		via: [...place.via, "powershell -enc"],
	});
}
