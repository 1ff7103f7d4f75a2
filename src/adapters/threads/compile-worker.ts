/** The thread that compiles one set of policies: from texts to rules as data. */
import { parentPort, workerData } from "node:worker_threads";
import { compileRuleSet } from "../../core/policy/compile.ts";
import type { CompileRequest } from "./compile-thread.ts";
import { type Piece, piecesOf } from "./rule-pieces.ts";

const { sources, budgetRoot } = workerData as CompileRequest;
const compiled = compileRuleSet(sources, { budgetRoot });
const pieces: Iterator<Piece> = compiled.ok
	? piecesOf(compiled.value)
	: [{ kind: "refused", problems: compiled.error } as const].values();

/** Each when the one before has been received. */
function sayNext(): void {
	const next = pieces.next();
	if (next.done !== true) parentPort?.postMessage(next.value);
}

parentPort?.on("message", sayNext);
sayNext();
