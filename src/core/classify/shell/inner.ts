/** What a command has run: the words of another, or a text that a shell reads. */
import type { Field } from "./words.ts";

export type Inner =
	| { readonly kind: "argv"; readonly args: readonly Field[]; readonly via: string }
	| { readonly kind: "text"; readonly text: string; readonly isStatic: boolean; readonly via: string };
