/** Checks that are printed as they are made, and the line that a run ends with. */
export class Checks {
	passed = 0;
	failed = 0;

	check(what: string, isTrue: boolean, found = ""): void {
		if (isTrue) this.passed += 1;
		else this.failed += 1;
		process.stdout.write(`${isTrue ? "ok  " : "FAIL"}  ${what}${isTrue || found === "" ? "" : `: ${found}`}\n`);
	}

	/** The same checks, each with the name of what it is about. */
	about(name: string): { readonly check: Checks["check"] } {
		return { check: (what, isTrue, found) => this.check(`${name}: ${what}`, isTrue, found) };
	}

	/** Says `N passed, N failed`; the process exits with 1 when something failed. */
	end(): void {
		process.stdout.write(`\n${this.passed} passed, ${this.failed} failed\n`);
		process.exitCode = this.failed === 0 ? 0 : 1;
	}
}
