/** Files and addresses that a statement carries data to, or takes it from. */

import { type Has, textsOf } from "./statement.ts";
import type { Range } from "./statements.ts";
import { SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";
import type { Within } from "./within.ts";

/** Does it carry data out of the tables, or into them? */
export function directionOf(verb: string, tokens: readonly Token[], range: Range, has: Has): "out" | "in" | undefined {
	const has1 = (word: string): number => {
		for (let at = range.from; at < range.to; at++) {
			const token = tokens[at] as Token;
			if (token.kind === WORD && token.text === word) return at;
		}
		return -1;
	};
	if (verb === "copy") {
		const into = has1("into");
		if (into > 0) {
			const token = tokens[into + 1];
			return token?.kind === TEXT ||
				token?.kind === VARIABLE ||
				token?.text === "@" ||
				token?.text.includes("/") === true
				? "out"
				: "in";
		}
		return has1("to") > 0 ? "out" : "in";
	}
	if (verb === "unload" || verb === "export" || verb === "get" || verb === "backup") return "out";
	if (verb === "load" || verb === "import" || verb === "bulk" || verb === "put" || verb === "restore") return "in";
	if (verb === "insert" && (has1("function") > 0 || has1("directory") > 0)) return "out";
	if (verb === "vacuum" && has1("into") > 0) return "out";
	if (has["into"]?.includes("file") === true || has1("outfile") > 0) return "out";
	return undefined;
}

/** Files and addresses among the texts of statements that name some. */
export function readTargets(tokens: readonly Token[], range: Range, verb: string, has: Has, within: Within): void {
	const isFile = has["direction"] !== undefined || verb === "attach" || (has["into"]?.includes("file") ?? false);
	let isCode = false;
	const targets = new Set<string>();
	for (const token of textsOf(tokens, range)) {
		if (
			/<\?(?:php|=)|<%|<script|system\s*\(|shell_exec|passthru|Runtime\.getRuntime|^\s*[\d*][\d*/,-]*(?:\s+\S+){5,}|ssh-(?:rsa|ed25519)/u.test(
				token.text,
			)
		)
			isCode = true;
		if (!isFile) continue;
		const target = targetOf(token.text);
		if (target === undefined) continue;
		targets.add(target);
		if (target === "url") within("url", token.text, token, verb);
		else if (target !== "stage" && token.text.length < 1_024) within("path", token.text, token, verb);
	}
	if (isFile && verb === "copy") {
		for (let at = range.from; at < range.to; at++) {
			const token = tokens[at] as Token;
			if (token.kind === WORD && (token.text === "stdout" || token.text === "stdin")) targets.add("client");
			if (token.kind === VARIABLE || (token.kind === SIGN && token.text === "@")) targets.add("stage");
		}
	}
	if (isCode) has["content"] = ["code"];
	if (has["functions"]?.includes("sp_configure") === true || has["words"]?.includes("sp_configure") === true) {
		const isShell = textsOf(tokens, range).some(({ text }) =>
			/^(?:xp_cmdshell|ole automation procedures|external scripts enabled|clr enabled|clr strict security)$/iu.test(
				text,
			),
		);
		if (isShell) has["content"] = ["shell-on"];
	}
	if (targets.size > 0) has["target"] = [...targets];
}

/** Where a text leads, when it is a file's name or an address. */
export function targetOf(text: string): string | undefined {
	if (/^\s*[a-z][a-z0-9+.-]*:\/\//iu.test(text)) return "url";
	if (/\b(?:host|hostaddr|server|data source)\s*=\s*[\w.]/iu.test(text)) return "server";
	// Where a backslash was taken to escape, one is left of two.
	if (/^(?:\\+|\/\/)[\w.]/u.test(text)) return "unc";
	if (text.startsWith("@")) return "stage";
	if (/(?:www|htdocs|inetpub|webapps|public_html|wwwroot)|\.(?:php\d?|jspx?|aspx?|phtml|cgi)$/iu.test(text))
		return "web";
	if (/authorized_keys|cron|\.bashrc|\.profile|init\.d|systemd|startup|rc\.local|sudoers|passwd/iu.test(text))
		return "system";
	if (/\.(?:so|dll|dylib)$/iu.test(text)) return "library";
	if (/^\w[\w-]*(?:\/[\w-]+)*\.(?:csv|tsv|parquet|json|ndjson|xlsx|txt)$/iu.test(text)) return "near";
	if (/^(?:\/|[a-z]:[\\/]|\.{0,2}[\\/]|~)|^[\w./\\-]+\.\w{1,8}$/iu.test(text)) return "file";
	return undefined;
}
