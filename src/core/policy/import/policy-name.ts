/** A name that a policy may have, made of one that it may not. */

/** Of the name, or of the file's name where there is none. */
export const policyNameOf = (name: string | null, file: string): string =>
	slug(name ?? "") || slug(baseName(file).replace(/\.\w+$/, "")) || "imported";

/** The last part of a path. */
export const baseName = (file: string): string => /[^/\\]*$/.exec(file)?.[0] ?? file;

const slug = (text: string): string =>
	text
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, "-")
		.replace(/^-+/, "")
		.slice(0, 63)
		.replace(/-+$/, "");
