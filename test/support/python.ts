/**
 * Python for tests: an environment in a temporary folder with the packages that a page names, made once for a test file. Without
 * Python or pip the tests are skipped and say why; with ASSENT_REQUIRE_PYTHON=1 they fail.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, it } from "vitest";

const execute = promisify(execFile);
const OUTPUT_MAX = 64 * 1024 * 1024;

export interface Python {
	/** Runs a program and resolves with what it printed. Rejects with its stderr when it fails. */
	run(args: readonly string[]): Promise<string>;
}

/** `describe` for suites that need Python with these packages, as `pip install` takes them. */
export async function describePython(
	name: string,
	packages: readonly string[],
	suite: (python: Python) => void,
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "assent-python-"));
	const made = await make(folder, packages);
	if (made.python === null && process.env["ASSENT_REQUIRE_PYTHON"] !== "1") {
		await rm(folder, { recursive: true, force: true });
		process.stderr.write(`\n!!! SKIPPED: ${name}: ${made.why} ASSENT_REQUIRE_PYTHON=1 fails instead.\n`);
		describe.skip(name, () => suite(NO_PYTHON));
		return;
	}
	describe(name, () => {
		afterAll(() => rm(folder, { recursive: true, force: true }));
		if (made.python === null) {
			it("has the Python that ASSENT_REQUIRE_PYTHON=1 asks for", () => {
				throw new Error(made.why);
			});
		} else suite(made.python);
	});
}

const NO_PYTHON: Python = { run: () => Promise.reject(new Error("there is no Python")) };

async function make(
	folder: string,
	packages: readonly string[],
): Promise<{ readonly python: Python; readonly why: "" } | { readonly python: null; readonly why: string }> {
	const own = join(folder, "bin", "python");
	try {
		await execute("python3", ["-m", "venv", folder]);
		await execute(own, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
	} catch (thrown) {
		const [, last = String(thrown)] = /([^\n]+)\s*$/.exec(String((thrown as { stderr?: string }).stderr ?? "")) ?? [];
		return { python: null, why: `Python 3 with venv and pip cannot be had (${last.trim()}).` };
	}
	const run = async (args: readonly string[]): Promise<string> =>
		(await execute(own, args, { maxBuffer: OUTPUT_MAX, cwd: folder })).stdout;
	return { python: { run }, why: "" };
}
