/**
 * Compiles policies on a thread of their own: reading, checking and turning them into rules is most of the work. Rules come back in
 * pieces, between which the event loop has its turn; what is left for this thread are the indexes of the set.
 */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Problem } from "../../core/base/errors.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import type { BudgetRoot } from "../../core/model/ids.ts";
import type { PolicySourceText } from "../../core/model/records.ts";
import { compilePolicies, setOf } from "../../core/policy/compile.ts";
import type { CompiledPolicySet } from "../../core/policy/compiled.ts";
import type { PolicyCompiler } from "../../ports/policy-compiler.ts";
import { Assembly, type Piece } from "./rule-pieces.ts";

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
	// `new URL` with a literal would not be rewritten to `.js` by the build.
	const url = new URL(`./compile-worker${extname(import.meta.filename)}`, import.meta.url);
	const worker = new Worker(url, {
		workerData: { sources, budgetRoot } satisfies CompileRequest,
		name: "assent-compile",
	});
	try {
		return await assembled(worker);
	} finally {
		await worker.terminate();
	}
}

function assembled(worker: Worker): Promise<Result<CompiledPolicySet, readonly Problem[]>> {
	const assembly = new Assembly();
	return new Promise((resolve, reject) => {
		worker.once("error", reject);
		worker.once("exit", () => reject(new Error("the thread that compiles policies ended before it was finished")));
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
					resolve(ok(setOf({ digest: piece.digest, policies: assembly.policies })));
			}
		});
	});
}
