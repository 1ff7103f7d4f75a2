/** Prints `N passed, N failed` alone on the last line, for gates that read plain text; before it, where tests failed, the seed. */
import type { Reporter, TestModule } from "vitest/node";

export default class ClosingLine implements Reporter {
	onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
		let passed = 0;
		let failed = errors.length;
		for (const module of modules) {
			if (module.errors().length > 0) failed += 1;
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				if (state === "passed") passed += 1;
				if (state === "failed") failed += 1;
			}
		}
		const seed = process.env["ASSENT_SEED"];
		const again = failed > 0 && seed !== undefined ? `\nASSENT_SEED=${seed} draws the same again\n` : "";
		process.on("exit", () => process.stdout.write(`${again}\n${passed} passed, ${failed} failed\n`));
	}
}
