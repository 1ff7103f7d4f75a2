/** Messages that nobody took, in a file of one JSON object a line. */
import { constants } from "node:fs";
import { access, appendFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import { makeFolder } from "./make-folder.ts";

export interface DeadLetter {
	/** ISO 8601. */
	readonly at: string;
	readonly target: string;
	readonly id: string;
	readonly attempts: number;
	readonly why: string;
	/** As it was sent, parsed. */
	readonly body: unknown;
}

/** Looks, and makes no more than the folder: found out now and not when the first letter comes. Throws ASSENT_FILE_UNREADABLE. */
export async function assertDeadLettersKept(file: string): Promise<void> {
	try {
		const folder = dirname(file);
		await makeFolder(folder);
		if (!(await stat(folder)).isDirectory()) throw new Error(`\`${folder}\` is no folder`);
		const found = await stat(file).catch(() => null);
		if (found?.isDirectory() === true) throw new Error("it is a folder");
		await access(found === null ? folder : file, constants.W_OK);
	} catch (thrown) {
		const why = thrown instanceof AssentError ? thrown.problem.message : (thrown as Error).message;
		const message = `dead letters cannot be kept in \`${file}\`: ${why}`;
		throw new AssentError(problem("ASSENT_FILE_UNREADABLE", message, "name a file in a folder that you may write"));
	}
}

/** Its owner alone can read the file. Throws what the file system says. */
export function keepDeadLetter(file: string, letter: DeadLetter): Promise<void> {
	return appendFile(file, `${JSON.stringify(letter)}\n`, { mode: 0o600 });
}
