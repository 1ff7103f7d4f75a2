/** What a session declares of itself, as a program or a line of input hands it over: absolute folders, or nothing. */
import { err, ok, type Result } from "../base/result.ts";
import { suggest } from "../base/suggestion.ts";
import { cutTo, FOLDER_LENGTH_MAX, hasControls } from "../model/bounds.ts";
import type { SessionFacts } from "../model/inputs.ts";

/** Facts of which some are left out. */
export type DeclaredFacts = { readonly [Name in keyof SessionFacts]?: string | null };

const NAMES = ["workspace", "home"] as const satisfies readonly (keyof SessionFacts)[];

/** Null: nothing is declared. Refused, in words: another key, and what is no absolute path. */
export function readFacts(given: unknown): Result<SessionFacts | null, string> {
	if (given === undefined || given === null) return ok(null);
	if (typeof given !== "object" || Array.isArray(given)) return err("`facts` is not an object");
	const unknown = Object.keys(given).find((key) => !NAMES.some((name) => name === key));
	if (unknown !== undefined) return err(`unknown fact \`${cutTo(unknown, 64)}\`: ${suggest(unknown, NAMES)}`);
	const { workspace = null, home = null } = given as Record<string, unknown>;
	for (const [name, value] of [
		["workspace", workspace],
		["home", home],
	] as const) {
		const fault = value === null ? null : folderFault(value);
		if (fault !== null) return err(`\`facts.${name}\` ${fault}`);
	}
	return ok(workspace === null && home === null ? null : ({ workspace, home } as SessionFacts));
}

function folderFault(value: unknown): string | null {
	if (typeof value !== "string") return "is not a text";
	if (!value.isWellFormed()) return "holds a lone surrogate";
	if (value.length > FOLDER_LENGTH_MAX)
		return `has ${value.length} characters, at most ${FOLDER_LENGTH_MAX} are accepted`;
	if (hasControls(value)) return "holds a control character";
	return isFolder(value) ? null : "is not an absolute path without `..`, such as `/srv/project`";
}

/** Is it an absolute path, of POSIX or of Windows, that can be compared with others as it is? */
export function isFolder(declared: string): boolean {
	const isOnDrive = /^[A-Za-z]:[\\/]/.test(declared);
	if (hasControls(declared) || !(isOnDrive || declared.startsWith("/"))) return false;
	return !declared.split(isOnDrive ? /[\\/]/ : "/").includes("..");
}
