/** A fold asks nothing: what an entry says is all that `evolve` needs, whatever policies and patterns become. */
import { init } from "es-module-lexer";
import { beforeAll, expect, it } from "vitest";
import { modulesOf } from "../support/module-graph.ts";

beforeAll(async () => {
	await init();
});

it("evolve loads no policy, no pattern engine and no package", () => {
	const { files, packages } = modulesOf("core/engine/evolve/evolve.ts", "ever");
	expect([...packages]).toEqual([]);
	const rooms = [...files].map((path) => path.split("/").slice(0, -1).join("/"));
	expect([...new Set(rooms)].sort()).toEqual([
		"core/base",
		"core/base/table",
		"core/engine",
		"core/engine/evolve",
		"core/model",
		"core/state",
	]);
	expect([...files].filter((path) => path.startsWith("core/engine/")).sort()).toEqual([
		"core/engine/budget.ts",
		"core/engine/due.ts",
		"core/engine/evolve/budgets.ts",
		"core/engine/evolve/calls.ts",
		"core/engine/evolve/commands.ts",
		"core/engine/evolve/evolve.ts",
		"core/engine/evolve/sessions.ts",
		"core/engine/reasons.ts",
	]);
});
