import { describe, expect, it, vi } from "vitest";
import { isHalted } from "../../../../src/core/engine/decide/admission.ts";
import { HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import { haltKey } from "../../../../src/core/state/halt.ts";
import { emptyState } from "../../../../src/core/state/state.ts";
import {
	activation,
	allowed,
	counts,
	denied,
	type Expectation,
	given,
	granted,
	halted,
	intent,
	lifted,
	outcome,
	policies,
	policy,
	policyText,
	refused,
	rejected,
	tick,
	wait,
} from "../../../support/engine.ts";
import { compiled, LAYOUT } from "../../../support/engine-world.ts";

const guard = policy(
	"approvals: {default: {approvers: [alice], expires: 10m}}\nlimits: [{name: cap, measure: tool_calls, scope: agent, max: 9}]",
	{ tools: "{allow: all, hold: [mail.*]}" },
);

describe("a halt", () => {
	it("stops whom it names: everybody, a tenant, an agent or a session", () => {
		const cases = [
			{ scope: {}, stopped: [{}, { agent: "analyst" }, { tenant: "umbra" }, { session: "run-2" }], free: [] },
			{ scope: { tenant: "acme" }, stopped: [{}, { agent: "analyst" }], free: [{ tenant: "umbra" }] },
			{
				scope: { tenant: "acme", agent: "coder" },
				stopped: [{}, { session: "run-2" }],
				free: [{ agent: "analyst" }, { tenant: "umbra" }],
			},
			{ scope: { session: "run-1" }, stopped: [{}, { agent: "analyst" }], free: [{ session: "run-2" }] },
		];
		for (const { scope, stopped, free } of cases) {
			const scenario = given(guard, halted(scope));
			for (const who of stopped) scenario.when(intent(who)).then(denied("agent.halted"));
			for (const who of free) scenario.when(intent(who)).then(allowed());
		}
	});

	it("stops exactly those of whom every part that it names is theirs, and is not sought among all others", () => {
		const names = [null, "a", "b"];
		const who = { tenant: "a", agent: "a", session: "a" };
		for (const tenant of names) {
			for (const agent of names) {
				for (const session of names) {
					const { halts, ...rest } = emptyState(LAYOUT, 0, { isDigested: false });
					const halt = { since: 0, by: "ops", reason: "" };
					halts.set(haltKey({ tenant, agent, session }), { tenant, agent, session, ...halt });
					for (let place = 0; place < 100; place++) {
						const other = { tenant: "a", agent: "a", session: `run-${place}` };
						halts.set(haltKey(other), { ...other, ...halt });
					}
					const listed = vi.spyOn(halts, "entries");
					const isTheirs = [tenant, agent, session].every((name) => name !== "b");
					expect(isHalted({ halts, ...rest }, who)).toBe(isTheirs);
					expect(listed).not.toHaveBeenCalled();
				}
			}
		}
	});

	it("is lifted by its own scope, not by another", () => {
		given(guard, halted({ agent: "coder" }))
			.when(lifted())
			.then(rejected("halt.unknown"))
			.when(intent())
			.then(denied("agent.halted"))
			.when(lifted({ agent: "coder" }), intent())
			.then(allowed());
	});

	it("two of them are lifted one by one", () => {
		given(guard, halted(), halted({ agent: "coder" }), lifted())
			.when(intent())
			.then(denied("agent.halted"));
	});

	it("lets outcomes in, and time go on", () => {
		given(guard, intent({ id: "c" }), halted())
			.when(outcome("c"))
			.then(counts("cap", { reserved: 0, settled: 1 }));
	});

	it("rejects a grant and leaves the hold open until it expires", () => {
		given(guard, intent({ id: "h", tool: "mail.send" }), halted())
			.when(granted("h"))
			.then(rejected("approval.halted"), counts("cap", { reserved: 1 }))
			.when(lifted(), granted("h"))
			.then(allowed());
		given(guard, intent({ id: "h", tool: "mail.send" }), halted(), wait(10 * MINUTE))
			.when(granted("h"))
			.then(rejected("approval.late"), counts("cap", { reserved: 0 }));
	});

	it("does not keep anybody from refusing", () => {
		given(guard, intent({ id: "h", tool: "mail.send" }), halted())
			.when(refused("h"))
			.then(denied("approval.rejected"));
	});

	it("cuts a long reason at the same place for everybody, and no character in two", () => {
		given(guard)
			.when(halted({}, "x".repeat(600)))
			.then((world) => expect(world.last).toMatchObject({ reason: `${"x".repeat(511)}…` }))
			.when(halted({ agent: "a" }, `${"x".repeat(511)}🙂`))
			.then((world) => expect(world.last).toMatchObject({ reason: `${"x".repeat(511)}…` }))
			.when(halted({ agent: "b" }, `${"x".repeat(510)}🙂🙂`))
			.then((world) => expect(world.last).toMatchObject({ reason: `${"x".repeat(510)}…` }));
	});
});

describe("policy activation (docs/design/step.md#policy-activation)", () => {
	const open = compiled([policyText("open")]);
	const shut = compiled([policyText("shut", "", { tools: "{allow: none}" })]);
	const third = compiled([policyText("third")]);
	const known = [
		(world: Parameters<ReturnType<typeof activation>>[0]) => {
			world.know(open);
			world.know(shut);
			world.know(third);
			world.knowInvalid("f".repeat(64));
		},
	];

	it("adopts a greater (generation, id) and nothing else", () => {
		given(...known, activation({ id: "m", generation: 5, digest: open.digest }))
			.when(activation({ id: "z", generation: 4, digest: shut.digest }))
			.then(rejected("policy.superseded"))
			.when(activation({ id: "a", generation: 5, digest: shut.digest }))
			.then(rejected("policy.superseded"))
			.when(intent())
			.then(allowed())
			.when(activation({ id: "n", generation: 5, digest: shut.digest }), intent())
			.then(denied("tool.not_allowed"))
			.when(activation({ id: "a", generation: 6, digest: open.digest }), intent())
			.then(allowed(), (world) => {
				expect(world.state.policy).toMatchObject({ digest: open.digest, generation: 6, activationId: "a" });
			});
	});

	it("late repetitions change nothing, even when their id is forgotten", () => {
		const first = activation({ id: "m", generation: 5, digest: shut.digest });
		const next = activation({ id: "n", generation: 6, digest: open.digest });
		given(...known, first, next)
			.when(first)
			.then(rejected("control.repeated"))
			.when(wait(2 * HOUR), tick(), first)
			.then(rejected("policy.superseded"))
			.when(next)
			.then(rejected("policy.superseded"))
			.when(intent())
			.then(allowed());
	});

	it("rejects a bundle that does not compile and keeps the last good policy", () => {
		given(...known, activation({ id: "m", generation: 1, digest: open.digest }))
			.when(activation({ id: "n", generation: 2, digest: "f".repeat(64) }))
			.then(rejected("policy.invalid"))
			.when(intent())
			.then(allowed());
	});

	describe("that needs a review", () => {
		const inForce = activation({ id: "m", generation: 1, digest: shut.digest });
		const found = { marks: { needsReview: true } };
		const by = (issuedBy: string, id: string, generation: number, digest = open.digest) =>
			activation({ id, generation, digest, issuedBy, needsReview: true });
		const proposed = (name: string): Expectation => {
			return ({ last, state }) => {
				expect(last).toMatchObject({ kind: "policy.proposed", by: name, digest: open.digest });
				expect(state.policy).toMatchObject({ digest: shut.digest, proposed: { by: name, digest: open.digest } });
			};
		};
		const inForceAre = (digest: string, proposedBy = ""): Expectation => {
			return ({ last, state }) => {
				expect(last).toMatchObject({ kind: "policy.activated", digest, proposedBy });
				expect(state.policy).toMatchObject({ digest, proposed: null });
			};
		};

		it("comes into force by the word of a second operator", () => {
			given(...known, inForce, by("ann", "n", 2))
				.then(proposed("ann"))
				.when(intent())
				.then(denied("tool.not_allowed"))
				.when(by("bob", "o", 3))
				.then(inForceAre(open.digest, "ann"), ({ state }) => expect(state.policy.before).toBe(shut.digest))
				.when(intent())
				.then(allowed());
		});

		it("needs one because the processor finds so, and no asking for none helps", () => {
			given(...known, inForce, activation({ id: "n", generation: 2, digest: open.digest, issuedBy: "ann", ...found }))
				.then(proposed("ann"))
				.when(activation({ id: "o", generation: 3, digest: open.digest, issuedBy: "ann" }))
				.then(proposed("ann"))
				.when(activation({ id: "p", generation: 4, digest: open.digest, issuedBy: "bob" }))
				.then(inForceAre(open.digest, "ann"));
		});

		it.each(["ann", "Ann", " ann ", "\uff21nn", "an\u200bn"])("takes `%s` for the `ann` that proposed it", (name) => {
			given(...known, inForce, by("ann", "n", 2))
				.when(by(name, "o", 3))
				.then(proposed(name));
		});

		it("is replaced by another proposal, and taken back by a later activation", () => {
			given(...known, inForce, by("ann", "n", 2))
				.when(by("ann", "o", 3, third.digest))
				.then(({ state }) => expect(state.policy.proposed).toMatchObject({ digest: third.digest }))
				.when(by("bob", "p", 4))
				.then(proposed("bob"))
				.when(activation({ id: "q", generation: 5, digest: shut.digest }))
				.then(inForceAre(shut.digest))
				.when(by("ann", "r", 6))
				.then(proposed("ann"));
		});

		it("is not proposed again by a late repetition", () => {
			given(...known, inForce, by("ann", "n", 2), by("ann", "o", 3, third.digest))
				.when(by("ann", "late", 2))
				.then(rejected("policy.unreviewed"), ({ state }) =>
					expect(state.policy.proposed).toMatchObject({ digest: third.digest }),
				);
		});

		it("is in force already: nobody reviews it, and what else was proposed is taken back", () => {
			given(...known, inForce, by("ann", "n", 2))
				.when(by("ann", "o", 3, shut.digest))
				.then(inForceAre(shut.digest))
				.when(activation({ id: "p", generation: 4, digest: shut.digest, ...found }))
				.then(inForceAre(shut.digest));
		});

		it("brings partitions that were of two minds to one set again, whichever it is", () => {
			for (const digest of [open.digest, shut.digest]) {
				const again = [by("bob", "o", 3, digest), by("ann", "p", 4, digest)];
				const adopted = activation({ id: "n", generation: 2, digest: open.digest });
				given(...known, inForce, adopted, ...again).then(inForceAre(digest, digest === open.digest ? "" : "bob"));
				const [first, second] = again as [never, never];
				const both = given(...known, inForce, by("ann", "n", 2), first, second);
				both.then(({ state }) => expect(state.policy).toMatchObject({ digest, proposed: null }));
			}
		});

		it("ends the same in partitions that hear of two operators in another order", () => {
			const [first, second] = [by("ann", "n", 2), by("bob", "o", 3)];
			for (const order of [
				[first, second],
				[second, first],
			]) {
				given(...known, inForce, ...order).then(({ state }) =>
					expect(state.policy).toMatchObject({ digest: open.digest, generation: 3, proposed: null }),
				);
			}
			const [proposal, other] = [by("ann", "o", 2), activation({ id: "n", generation: 2, digest: shut.digest })];
			for (const order of [
				[proposal, other],
				[other, proposal],
			]) {
				given(...known, inForce, ...order).then(({ state }) =>
					expect(state.policy).toMatchObject({ digest: shut.digest, proposed: { digest: open.digest } }),
				);
			}
		});

		it("is refused like any other where its bundle does not compile", () => {
			given(...known, inForce, by("ann", "n", 2, "f".repeat(64))).then(rejected("policy.invalid"), ({ state }) =>
				expect(state.policy.proposed).toBeNull(),
			);
		});
	});

	it("remembers what was in force before", () => {
		given(...known, activation({ id: "m", generation: 1, digest: shut.digest }))
			.then(({ state }) => expect(state.policy.before).toBe(""))
			.when(activation({ id: "n", generation: 2, digest: open.digest }))
			.then(({ state }) => expect(state.policy.before).toBe(shut.digest))
			.when(activation({ id: "o", generation: 3, digest: open.digest }))
			.then(({ state }) => expect(state.policy.before).toBe(shut.digest))
			.when(activation({ id: "p", generation: 4, digest: shut.digest }))
			.then(({ state }) => expect(state.policy.before).toBe(open.digest));
	});

	it("names the policy in force in every decision", () => {
		given(...known, activation({ id: "m", generation: 1, digest: shut.digest }))
			.when(intent())
			.then((world) => expect(world.last).toMatchObject({ decision: { policyDigest: shut.digest } }))
			.when(halted(), intent())
			.then((world) => expect(world.last).toMatchObject({ decision: { policyDigest: shut.digest } }));
	});

	it("keeps counters and holds", () => {
		given(guard, intent({ id: "c" }), intent({ id: "h", tool: "mail.send" }), policies(policyText("other")))
			.then(counts("cap", { reserved: 2 }))
			.when(granted("h"))
			.then(allowed(), counts("cap", { reserved: 1 }));
	});
});
