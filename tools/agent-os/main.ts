/**
 * `npm run compat:agent-os -- FILE`: compares recorded calls of Agent-OS 2.0.1 with what Assent answers once the policies are
 * imported, and writes docs/reference/agent-os.md. Exits with 1 where an answer differs without a known reason.
 */
import { readFile } from "node:fs/promises";
import { writeWhereDifferent } from "../written.ts";
import { answersTo } from "./answers.ts";
import { LOST, REASONS } from "./differences.ts";
import { type ComparedVector, resultPage } from "./page.ts";
import { type Answers, readVectors, type Vector } from "./vectors.ts";

/** Of other recorded calls nothing is asked. */
const ASKED: ReadonlySet<string> = new Set<Vector["api"]>([
	"policy.validate",
	"policy.from_yaml",
	"policy.matches_pattern",
	"policy.compose",
	"policy.chain",
	"policy.extend",
	"policy.diff",
	"policy.is_stricter_than",
	"base.pre_execute",
	"interceptor.intercept",
]);

const file = process.argv[2];
if (file === undefined) {
	process.stderr.write("name the file: npm run compat:agent-os -- agent-os-vectors.jsonl\n");
	process.exit(2);
}
const compared = readVectors(await readFile(file, "utf8")).map(({ line, vector }): ComparedVector => {
	const { api } = vector;
	if (LOST.has(line)) return { line, api, standing: "lost" };
	if (!ASKED.has(api)) return { line, api, standing: "not asked" };
	const answers: Answers = answersTo(vector as Vector);
	if (answers.theirs === answers.ours) return { line, api, standing: "agrees" };
	const reason = REASONS.find(({ isOf }) => isOf(vector, answers))?.text ?? null;
	return { line, api, standing: "differs", answers, reason };
});
await writeWhereDifferent([{ path: "docs/reference/agent-os.md", text: resultPage(compared) }]);
const unknown = compared.filter((each) => each.standing === "differs" && each.reason === null);
for (const each of compared) {
	if (each.standing === "differs")
		process.stdout.write(
			`${each.line}  ${each.api}  ${each.answers.theirs} → ${each.answers.ours}  ${each.reason ?? "?"}\n`,
		);
}
const count = (standing: ComparedVector["standing"]): number =>
	compared.filter((each) => each.standing === standing).length;
process.stdout.write(
	`${count("agrees")} agree, ${count("differs")} differ, ${unknown.length} of them without a known reason, ${count("not asked")} are not asked, ${count("lost")} lost a part\n`,
);
if (unknown.length > 0) process.exitCode = 1;
