/** The words of `sh` and its like: a text behind `-c`, a file, or the input. */
import type { Field } from "./words.ts";

export type ShellScript =
	| {
			readonly kind: "text";
			readonly text: string;
			readonly isStatic: boolean;
			readonly parameters: readonly Field[];
			readonly zero: Field | undefined;
	  }
	| { readonly kind: "file"; readonly path: string }
	| { readonly kind: "input" };

const VALUED = new Set(["-o", "+o", "-O", "+O", "--rcfile", "--init-file", "--command"]);

export function scriptOf(args: readonly Field[]): ShellScript {
	let hasText = false;
	let isInput = false;
	for (let index = 0; index < args.length; index++) {
		const field = args[index] as Field;
		const { text } = field;
		if (text === "--") continue;
		if (/^[-+]/.test(text) && text.length > 1) {
			if (!text.startsWith("--") && text.startsWith("-")) {
				if (text.includes("c")) hasText = true;
				if (text.includes("s")) isInput = true;
			}
			if (text === "--command") hasText = true;
			else if (VALUED.has(text)) index += 1;
			continue;
		}
		if (hasText)
			return { kind: "text", text, isStatic: field.isStatic, parameters: args.slice(index + 2), zero: args[index + 1] };
		if (isInput || text === "-" || /^\/dev\/(?:stdin|fd\/0)$/.test(text)) return { kind: "input" };
		return { kind: "file", path: text };
	}
	return { kind: "input" };
}
