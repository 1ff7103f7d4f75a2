/** Prints `N passed, N failed` alone on the last line, for gates that read plain text. */
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
		process.on("exit", () => process.stdout.write(`\n${passed} passed, ${failed} failed\n`));
	}
}
