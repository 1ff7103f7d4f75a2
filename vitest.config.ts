import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		// Packs the tree that these tests run: `npm run package-check`.
		exclude: [...configDefaults.exclude, "test/package/**"],
		pool: "forks",
		globalSetup: ["test/support/kafka/global-setup.ts"],
		testTimeout: 30_000,
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
