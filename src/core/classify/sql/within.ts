/** Reads a text that stands within a statement, in a token of it. */
import type { Token } from "./token.ts";

export type Within = (
	language: "sql" | "shell" | "cmd" | "python" | "path" | "url",
	text: string,
	token: Token,
	via: string,
) => void;
