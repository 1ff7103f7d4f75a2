import { defineConfig } from "vitest/config";

/** `npm run package-check`: apart from the other tests, for it builds and packs the tree that they run. */
export default defineConfig({
	test: {
		include: ["test/package/*.test.ts"],
		pool: "forks",
		testTimeout: 120_000,
		reporters: ["default", "./test/support/closing-line.ts"],
	},
});
