/** Why a notary signs no more. */
import { AssentError, problem } from "../core/base/errors.ts";

const FORK =
	"two histories would be signed with one key: keep copies of the log and of the notary's folder, find out who changed which, and put back what was signed; a log that is begun again needs a key of its own";

/** The log is not the one that was signed. */
export const historyChanged = (message: string): AssentError =>
	new AssentError(problem("ASSENT_NOTARY_HISTORY", message, FORK));

/** The state is older than what was signed with the key, is another's, or cannot be read. */
export const stateLost = (message: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_NOTARY_STATE",
			message,
			"put back the folder as the notary left it, or begin with another key and another folder: what the old key has signed stays as it is",
		),
	);

export const stateTaken = (version: number): AssentError =>
	new AssentError(
		problem(
			"ASSENT_NOTARY_TAKEN",
			`version ${version} of the state was written by another notary, which signs with the same key`,
			"run one notary for a folder",
		),
	);
