/**
 * The same patterns and texts, asked of `agent-os-kernel` from PyPI: its policy is given them as it takes them, and says which of
 * them a text matches. It is fetched into a temporary folder at the first run.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { PatternSource } from "../../src/core/match/pattern.ts";
import { fetched } from "../fetched.ts";

/** The second one is imported by the first, which does not say so. */
const PACKAGES = ["agent-os-kernel==3.7.0", "PyYAML==6.0.3"];

const SCRIPT = `
import json, sys, time
from agent_os.integrations.base import GovernancePolicy, PatternType
asked = json.load(sys.stdin)
kinds = {"substring": PatternType.SUBSTRING, "regex": PatternType.REGEX, "glob": PatternType.GLOB}
policy = GovernancePolicy(name="bench", blocked_patterns=[(one["text"], kinds[one["kind"]]) for one in asked["patterns"]])
least, hits = None, 0
for _ in range(3):
    before = time.process_time()
    hits = sum(len(policy.matches_pattern(text)) for text in asked["texts"])
    took = time.process_time() - before
    least = took if least is None else min(least, took)
print(json.dumps({"ms": least * 1000, "hits": hits}))
`;

/** CPU time in ms for all texts; throws where there is no Python, or the package cannot be fetched. */
export function askAgentOs(
	patterns: readonly PatternSource[],
	texts: readonly string[],
): { readonly ms: number; readonly hits: number } {
	const pythonIn = (folder: string): string => join(folder, "bin", "python3");
	const folder = fetched("agent-os", PACKAGES, (folder) => {
		execFileSync("python3", ["-m", "venv", folder], { stdio: "pipe" });
		execFileSync(pythonIn(folder), ["-m", "pip", "install", "--quiet", ...PACKAGES], { stdio: "pipe" });
	});
	const answer = execFileSync(pythonIn(folder), ["-c", SCRIPT], {
		input: JSON.stringify({ patterns: patterns.map(({ kind, text }) => ({ kind, text })), texts }),
		stdio: ["pipe", "pipe", "pipe"],
	});
	return JSON.parse(answer.toString()) as { ms: number; hits: number };
}
