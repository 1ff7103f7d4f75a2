/** Texts with percent signs for letters. */

/** Without percent signs; as it is where these stand for nothing. */
export function safeDecoded(text: string): string {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
