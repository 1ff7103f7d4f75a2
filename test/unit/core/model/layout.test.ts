import { describe, expect, it } from "vitest";
import { DEFAULT_LAYOUT, partitionFor, routeOf } from "../../../../src/core/model/layout.ts";

describe("the partition of a principal", () => {
	it("is that of its route, whoever was asked about before", () => {
		const layouts = (["tenant", "tenant/agent", "tenant/agent/session"] as const).flatMap((budgetRoot) =>
			[2, 64].map((partitions) => ({ ...DEFAULT_LAYOUT, budgetRoot, partitions })),
		);
		const names = ["a", "b", "c"];
		for (const tenant of names) {
			for (const agent of names) {
				for (const session of names) {
					for (const layout of layouts) {
						const who = { tenant, agent, session };
						const { partition } = routeOf(layout, who);
						expect([partitionFor(layout, who), partitionFor(layout, { ...who })]).toEqual([partition, partition]);
					}
				}
			}
		}
	});

	it("is told apart for two that differ in one name", () => {
		const layout = { ...DEFAULT_LAYOUT, budgetRoot: "tenant/agent/session" as const, partitions: 1_000 };
		const who = { tenant: "t", agent: "a", session: "s" };
		for (const name of ["tenant", "agent", "session"] as const) {
			const other = { ...who, [name]: "other" };
			for (const each of [who, other, who]) expect(partitionFor(layout, each)).toBe(routeOf(layout, each).partition);
		}
	});
});
