import { describe, it } from "vitest";
import { MINUTE } from "../../../../src/core/model/units.ts";
import { abandoned, counts, given, intent, outcome, policy, rejected, tick, wait } from "../../../support/engine.ts";

const guard = policy(
	"approvals: {default: {approvers: [alice]}}\nlimits: [{name: cap, measure: tokens, scope: agent, max: 1000, reserve: 100}]",
	{ tools: "{allow: all, hold: [mail.*], deny: [db.drop]}" },
);
const call = { id: "c", actor: ["lead", "helper"] };
const STRANGERS = [["helper"], ["lead", "other"], ["lead", "helper", "below"]];
const OWN = [[], ["lead"], ["lead", "helper"]];

describe("who reports what came of a call (docs/design/step.md#who-reports)", () => {
	it("is the sub-agent that asked for it, or one above it: nobody else settles it", () => {
		for (const actor of OWN) {
			const scenario = given(guard, intent(call));
			for (const stranger of STRANGERS) {
				scenario
					.when(outcome("c", { tokens: 900, actor: stranger }))
					.then(rejected("call.foreign"), counts("cap", { reserved: 100, settled: 0 }));
			}
			scenario.when(outcome("c", { tokens: 7, actor })).then(counts("cap", { reserved: 0, settled: 7 }));
		}
	});

	it("nor gives back what it reserved, nor ends its hold", () => {
		for (const asked of [call, { ...call, tool: "mail.send" }]) {
			for (const actor of OWN) {
				const scenario = given(guard, intent(asked));
				for (const stranger of STRANGERS) {
					scenario
						.when(abandoned("c", "coder", "", stranger))
						.then(rejected("call.foreign"), counts("cap", { reserved: 100 }));
				}
				scenario.when(abandoned("c", "coder", "", actor)).then(counts("cap", { reserved: 0, settled: 0 }));
			}
		}
	});

	it("nor adds to it when its time is up, nor raises an alarm about a call of another that was denied", () => {
		given(guard, intent(call), wait(20 * MINUTE), tick())
			.when(outcome("c", { tokens: 900, actor: ["other"] }))
			.then(rejected("call.foreign"), counts("cap", { settled: 100 }))
			.when(outcome("c", { tokens: 900, actor: ["lead"] }))
			.then(counts("cap", { settled: 900 }));
		given(guard, intent({ ...call, tool: "db.drop" }))
			.when(outcome("c", { actor: ["other"] }))
			.then(rejected("call.foreign"))
			.when(outcome("c", { actor: call.actor }))
			.then(rejected("call.ungoverned"));
	});
});
