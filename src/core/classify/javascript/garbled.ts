/** Scripts that were made unreadable. */

/** Made by a tool that hides what a script does: names of numbers, truths of brackets, code of six signs. */
export function isGarbled(text: string): boolean {
	if ((text.slice(0, 20_000).match(/\b_0x[\da-f]{4,}\b/gu)?.length ?? 0) >= 4) return true;
	return /while\s*\(!!\[\]\)|\+!!(?:false|true)\b|(?:[[\]()!+]\s*){100}/u.test(text.slice(0, 20_000));
}
