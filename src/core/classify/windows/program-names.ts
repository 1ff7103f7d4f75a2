/** Names of Windows programs as rules know them. */

/** The base name in lower case, without `.exe`; of an address the whole of it. */
export function programOf(spelled: string): string {
	if (/^[a-z][\w+.-]*:\/\//i.test(spelled)) return spelled.toLowerCase().slice(0, 200);
	const base = spelled.replace(/^.*[\\/]/, "").toLowerCase();
	return base.replace(/\.(?:exe|com)$/, "") || base;
}

/** Builds for other processors, and scripts that are called by their file, are what they are called without that. */
const VARIANT = /^(?!base64$)([a-z][\w.-]{2,}?)(?:[-_.]?(?:x|arm)?64a?|\.ps1)$/;

/** A program's name, and what it is a variant of: `procdump64` is `procdump` too. */
export function programNames(program: string): readonly string[] {
	const of = VARIANT.exec(program)?.[1];
	return of === undefined ? [program] : [program, of];
}

/** Called by a path that leads to no folder of the system's. */
export const isOwnFile = (spelled: string): boolean => /[\\/]/.test(spelled) && !OF_SYSTEM.test(spelled);

const OF_SYSTEM =
	/^(?:[a-z]:[\\/](?:windows|program files[^\\/]*)|%(?:systemroot|windir|programfiles[^%]*|comspec)%|\$env:(?:systemroot|windir|programfiles))/i;
