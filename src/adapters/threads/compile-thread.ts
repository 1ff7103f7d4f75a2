/**
 * Compiles policies on a thread of their own: reading, checking and turning them into rules is most of the work. Rules come back in
 * pieces, between which the event loop has its turn; what is left for this thread are the indexes of the set.
 */
import type { Worker } from "node:worker_threads";
import type { Problem } from "../../core/base/errors.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import type { BudgetRoot } from "../../core/model/ids.ts";
import type { PolicySourceText } from "../../core/model/records.ts";
import { compilePolicies, setOf } from "../../core/policy/compile.ts";
import type { CompiledPolicySet } from "../../core/policy/compiled.ts";
import type { PolicyCompiler } from "../../ports/policy-compiler.ts";
import { Assembly, type Piece } from "./rule-pieces.ts";
import { onThread } from "./thread.ts";

export interface CompileRequest {
	readonly sources: readonly PolicySourceText[];
	readonly budgetRoot: BudgetRoot;
}

/** UTF-16 units of all sources below which a thread takes longer to begin than the work to be done. */
const SMALL = 8_192;

export const threadCompiler: PolicyCompiler = { compile: compileOnThread };

async function compileOnThread(
	sources: readonly PolicySourceText[],
	budgetRoot: BudgetRoot,
): Promise<Result<CompiledPolicySet, readonly Problem[]>> {
	const length = sources.reduce((sum, { text }) => sum + text.length, 0);
	if (length < SMALL) return compilePolicies(sources, { budgetRoot });
	const data: CompileRequest = { sources, budgetRoot };
	return onThread({ name: "compile", data, work: "compiles" }, assembled);
}

function assembled(worker: Worker): Promise<Result<CompiledPolicySet, readonly Problem[]>> {
	const assembly = new Assembly();
	return new Promise((resolve) => {
		worker.on("message", (piece: Piece) => {
			switch (piece.kind) {
				case "policy":
				case "items":
					assembly.take(piece);
					// One by one: what is queued is received without a turn for anybody else.
					worker.postMessage(null);
					return;
				case "refused":
					resolve(err(piece.problems));
					return;
				case "compiled":
					resolve(ok(setOf({ digest: piece.digest, policies: assembly.policies, trust: piece.trust })));
			}
		});
	});
}
