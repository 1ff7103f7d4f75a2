/** What an examination says of one thing: well, doubtful or wrong, and what to do about it. */
import { AssentError, type Problem } from "../../core/base/errors.ts";
import { error, warning } from "../../ports/log/findings.ts";
import type { Log, LogFinding } from "../../ports/log/log.ts";

export const broken = (subject: string, { code, message, help }: Problem): LogFinding =>
	error(subject, `${code}  ${message}`, help);

/** What the log says of itself. Settings that this user may not see are doubtful, and no reason to look no further. */
export async function diagnosed(log: Log): Promise<readonly LogFinding[]> {
	try {
		return await log.admin().diagnose();
	} catch (thrown) {
		if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_DENIED") throw thrown;
		const help = "let this user describe the topics and their settings: `assent topics acl --print`";
		return [warning("settings", `the log's settings cannot be seen: ${thrown.problem.message}`, help)];
	}
}
