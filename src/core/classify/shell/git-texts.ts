/** Texts that git runs: of settings, filters, bisections and other programs for its ends. */
import type { Inner } from "./inner.ts";
import type { Field } from "./words.ts";

/** Settings of git that name a program. */
const GIT_PROGRAM =
	/^(?:core\.(?:pager|editor|sshcommand|fsmonitor|gitproxy|askpass)|alias\.[\w-]+|pager\.[\w-]+|diff\.external|sequence\.editor|credential\.helper|gpg\.program|[\w.]+\.(?:command|cmd|textconv|clean|smudge|driver))$/i;

/** Texts that git gives to a shell. */
export function gitCommands(args: readonly Field[]): readonly Inner[] {
	const inner: Inner[] = [];
	for (let index = 0; index < args.length; index++) {
		const { text, isStatic } = args[index] as Field;
		const next = args[index + 1];
		if (text === "-c" && next !== undefined) {
			const equals = next.text.indexOf("=");
			const run = next.text.slice(equals + 1).replace(/^!/, "");
			if (GIT_PROGRAM.test(next.text.slice(0, equals)) && run !== "")
				inner.push({ kind: "text", text: run, isStatic: next.isStatic, via: "git -c" });
		} else if (/^-O./.test(text) && args.some((word) => word.text === "grep")) {
			inner.push({ kind: "text", text: text.slice(2), isStatic, via: "git grep -O" });
		} else if (GIT_PROGRAM.test(text) && next !== undefined && args.some((word) => word.text === "config")) {
			// An alias without `!` is a command of git's own.
			const run =
				/^alias\./.test(text) && !next.text.startsWith("!") ? `git ${next.text}` : next.text.replace(/^!/, "");
			inner.push({ kind: "text", text: run, isStatic: next.isStatic, via: "git config" });
		} else if ((text === "bisect" && next?.text === "run") || (text === "submodule" && next?.text === "foreach")) {
			const rest = args.slice(index + 2).filter((field) => field.text !== "--recursive");
			if (text === "bisect" && rest.length > 0) inner.push({ kind: "argv", args: rest, via: "git bisect run" });
			else if (rest.length > 0)
				inner.push({
					kind: "text",
					text: rest.map((field) => field.text).join(" "),
					isStatic,
					via: "git submodule foreach",
				});
			return inner;
		} else if (
			/^(?:--exec|-x|-O|--open-files-in-pager|--(?:tree|index|msg|env|parent|commit)-filter|--extcmd|--upload-pack|--receive-pack)$/.test(
				text,
			) &&
			next !== undefined
		) {
			inner.push({ kind: "text", text: next.text, isStatic: next.isStatic, via: `git ${text}` });
		}
	}
	return inner;
}
