import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";

// What tests draw comes from it (test/support/seed.ts): another one in each run, unless it is given.
process.env["ASSENT_SEED"] ??= String(Math.floor(Math.random() * 2 ** 31));

// Tests start the command hundreds of times: what Node compiled of it is kept for the next start.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules", ".cache", "compiled");

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		// Packs the tree that these tests run: `npm run package-check`.
		exclude: [...configDefaults.exclude, "test/package/**"],
		pool: "forks",
		// Much of a run waits for brokers and child processes: one file for each core, where the default leaves a core free.
		maxWorkers: "100%",
		setupFiles: ["test/support/seed.ts"],
		globalSetup: ["test/support/kafka/global-setup.ts"],
		// Ceilings against a hang, far above what anything takes on a busy machine. Nothing in the tests is timed.
		testTimeout: 180_000,
		hookTimeout: 180_000,
		teardownTimeout: 60_000,
		expect: { poll: { timeout: 60_000 } },
		reporters: ["default", "./test/support/closing-line.ts"],
		coverage: {
			provider: "v8",
			include: ["src/**/*.ts"],
			exclude: ["src/**/*-worker.ts", "src/cli/main.ts"],
			reporter: ["text-summary"],
			thresholds: { lines: 90, functions: 90, statements: 90, branches: 85 },
		},
	},
});
