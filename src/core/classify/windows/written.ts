/** Scripts that a text writes itself: what runs them runs what it wrote. */
import type { Language } from "../fact.ts";

const SCRIPT = /\.(ps1|bat|cmd)$/;
const FILES_MAX = 20;
const LENGTH_MAX = 20_000;

export interface WrittenScript {
	readonly language: Language;
	readonly text: string;
}

export class Written {
	readonly #texts = new Map<string, string>();

	/** Notes what goes to a file, behind what is there already or in its place. */
	note(path: string, text: string, isAdded: boolean): void {
		const name = named(path);
		if (!SCRIPT.test(name) || (this.#texts.size >= FILES_MAX && !this.#texts.has(name))) return;
		const before = isAdded ? (this.#texts.get(name) ?? "") : "";
		if (before.length >= LENGTH_MAX) return;
		this.#texts.set(name, `${before}${text}\n`.slice(0, LENGTH_MAX));
	}

	/** The script that stands in the file, once: what runs it again runs the same. Null where the text wrote none. */
	scriptOf(path: string): WrittenScript | null {
		if (this.#texts.size === 0) return null;
		const name = named(path);
		const file = [name, `${name}.bat`, `${name}.cmd`].find((each) => this.#texts.has(each));
		if (file === undefined) return null;
		const text = this.#texts.get(file) ?? "";
		this.#texts.delete(file);
		return { language: file.endsWith(".ps1") ? "powershell" : "cmd", text };
	}
}

const named = (path: string): string => path.toLowerCase().replaceAll("/", "\\").replace(/^\.\\/, "");
