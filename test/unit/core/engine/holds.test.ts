import { describe, expect, it } from "vitest";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import { evolve } from "../../../../src/core/engine/evolve/evolve.ts";
import type { ApprovalRecordedEntry } from "../../../../src/core/model/entries.ts";
import { HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	type Act,
	abandoned,
	addressed,
	allowed,
	byRules,
	counts,
	denied,
	effects,
	given,
	granted,
	held,
	intent,
	outcome,
	pending,
	policies,
	policy,
	policyText,
	refused,
	rejected,
	repeated,
	resent,
	tick,
	wait,
} from "../../../support/engine.ts";
import { START, type World } from "../../../support/engine-world.ts";

const mail = { id: "h", tool: "mail.send" };
const holdMail = "{allow: all, hold: [{name: mails, tools: [mail.*]}]}";
const approvers = (text: string) => `approvals: {default: {${text}}}`;
const one = policy(approvers("approvers: [alice, bob], expires: 10m"), { tools: holdMail });
const limited = (max: number) =>
	policy(
		`${approvers("approvers: [alice], expires: 10m")}\nlimits: [{name: cap, measure: tool_calls, scope: agent, max: ${max}}]`,
		{ tools: holdMail },
	);
const unreadable: Act = (world) => {
	world.keepsIntents = false;
};

describe("a hold (docs/design/step.md#holds)", () => {
	it("reserves, and is no final verdict", () => {
		given(limited(1), intent(mail))
			.then(held("tool.held"), counts("cap", { reserved: 1 }))
			.when(intent())
			.then(denied("budget.exhausted"));
	});

	it("asks only those whom rules that enforce name", () => {
		const watch = policyText("watch", approvers("approvers: [nobody], expires: 1m"), {
			mode: "audit",
			tools: "{allow: all, hold: [mail.*]}",
		});
		given(policies(policyText("guard", approvers("approvers: [alice], expires: 10m"), { tools: holdMail }), watch))
			.when(intent(mail))
			.then((world) => {
				expect(world.last).toMatchObject({ requirements: [{ policy: "guard" }], expiresAt: START + 10 * MINUTE });
				expect(world.call("h").hold?.requirements).toHaveLength(1);
			})
			.when(granted("h"))
			.then(allowed("tool.held"));
	});

	it("expires once, however often it was asked for", () => {
		given(one, intent({ ...mail, marks: { address: addressed("a") } }))
			.when(resent("h", { address: addressed("b") }), resent("h", { address: addressed("c") }))
			.when(wait(10 * MINUTE), tick())
			.then(effects("hold.expired h"));
	});

	it("expires after the shortest time of the rules that fired", () => {
		given(
			policies(
				policyText("a", approvers("approvers: [alice], expires: 2h"), { tools: holdMail }),
				policyText("b", approvers("approvers: [alice], expires: 5m"), { tools: holdMail }),
			),
		)
			.when(intent(mail))
			.then(held("tool.held", "tool.held"), byRules("a/mails", "b/mails"), (world) => {
				expect(world.last).toMatchObject({ expiresAt: START + 5 * MINUTE });
			})
			.when(wait(5 * MINUTE), tick())
			.then(effects("hold.expired h"));
	});

	it("keeps the address of the asker, and the place of the intent, not the intent", () => {
		given(one)
			.when(intent({ id: "x" }), intent({ ...mail, marks: { address: addressed("r-1") } }))
			.then((world) => {
				expect(world.call("h").hold).toMatchObject({ address: addressed("r-1"), intentOffset: 1 });
			});
	});

	it("can be abandoned: its reservation comes back", () => {
		given(limited(1), intent(mail), abandoned("h"))
			.then(counts("cap", { reserved: 0 }))
			.when(granted("h"))
			.then(rejected("approval.closed"))
			.when(intent())
			.then(allowed());
	});

	it("has no outcome before it is granted", () => {
		given(one, intent(mail)).when(outcome("h")).then(rejected("call.ungoverned"));
	});
});

describe("a grant", () => {
	it("releases the call: it is open from then on, until its deadline", () => {
		given(limited(2), intent(mail), wait(4 * MINUTE))
			.when(granted("h"))
			.then(allowed(), counts("cap", { reserved: 1 }), (world) => {
				expect(world.call("h")).toMatchObject({
					phase: "open",
					hold: null,
					firstReason: null,
					decidedAt: START + 4 * MINUTE,
					dueAt: START + 14 * MINUTE,
				});
			})
			.when(resent("h"))
			.then(repeated("allow", "open"))
			.when(wait(10 * MINUTE), tick())
			.then(effects("reservation.expired h"), counts("cap", { reserved: 0, settled: 1 }));
	});

	it("is for the very call that its approver has seen: not for another under the same id", () => {
		const other = (world: World, id: string): void => {
			const call = { tenant: "acme", agent: "coder", id };
			const commitment = world.call("seen").commitment;
			const head = { id: `vote-${world.entries.length}`, issuedBy: "alice", issuedAt: world.now };
			for (const type of ["approval.granted", "approval.rejected"] as const) {
				world.publish({ type, ...head, id: `${head.id}-${type}`, call, session: "run-1", commitment, comment: "" });
				rejected("approval.other_call")(world);
			}
		};
		given(one, intent({ ...mail, id: "seen", args: { to: "team" } }), intent({ ...mail, args: { to: "press" } }))
			.when((world) => other(world, "h"))
			.then((world) => expect(world.call("h").phase).toBe("held"))
			.when(granted("h"))
			.then(allowed());
		// The one that was seen is over and forgotten, and its id is another call's.
		const again = { ...mail, id: "seen", args: { to: "press" } };
		let before = "";
		given(one, intent({ ...mail, id: "seen", args: { to: "team" } }))
			.then((world) => {
				before = world.call("seen").commitment;
			})
			.when(abandoned("seen"), wait(2 * HOUR), tick(), intent(again))
			.when((world) => {
				const call = { tenant: "acme", agent: "coder", id: "seen" };
				const head = { id: "late", issuedBy: "alice", issuedAt: world.now, session: "run-1", comment: "" };
				world.publish({ type: "approval.granted", ...head, call, commitment: before });
			})
			.then(rejected("approval.other_call"), (world) => expect(world.call("seen").phase).toBe("held"));
	});

	it("lets nothing run that was redacted where the approver saw it, whatever the policy in force redacts", () => {
		const redacting = (redact: string) =>
			policy(`${approvers("approvers: [alice], expires: 10m")}\nobligations: [{redact: [${redact}]}]`, {
				tools: holdMail,
			});
		const args = { to: "team", body: { text: "secret", note: "n" }, key: "k" };
		const runsWith =
			(...redact: string[]) =>
			(world: World) =>
				expect(world.last).toMatchObject({ result: "allow", decision: { obligations: { redact } } });
		given(redacting("args.body.text"), intent({ ...mail, args }), one)
			.when(granted("h"))
			.then(allowed(), runsWith("/body/text"), (world) => {
				expect(world.call("h").obligations.redact).toEqual(["/body/text"]);
			});
		given(redacting("args.body.text, args.key"), intent({ ...mail, args }), redacting("args.body"))
			.when(granted("h"))
			.then(allowed(), runsWith("/body", "/key"));
		given(one, intent({ ...mail, args }), redacting("args.key"))
			.when(granted("h"))
			.then(allowed(), runsWith("/key"));
	});

	it("finds with the hold why it was held", () => {
		const audited = policy(
			`${approvers("approvers: [alice, bob], expires: 10m")}
patterns: [{name: wide, substring: ls, effect: hold}, {name: watch, substring: ls, mode: audit}]`,
			{ tools: holdMail },
		);
		given(audited, intent(mail)).then((world) => {
			const names = world.call("h").hold?.reasons.map(({ rule }) => `${rule.name} ${rule.mode}`);
			expect(names).toEqual(["mails enforce", "wide enforce", "watch audit"]);
		});
	});

	it("is refused at the millisecond at which the hold expires", () => {
		given(one, intent(mail))
			.when(wait(10 * MINUTE - 1), granted("h"))
			.then(allowed());
		given(one, intent(mail))
			.when(wait(10 * MINUTE), granted("h"))
			.then(rejected("approval.late"), effects("hold.expired h"));
	});

	it("counts for nothing where nothing is held", () => {
		given(one).when(granted("h")).then(rejected("approval.unknown"));
		given(one, intent({ id: "h" }))
			.when(granted("h"))
			.then(rejected("approval.closed"));
		given(one, intent(mail), granted("h")).when(granted("h", "bob")).then(rejected("approval.closed"));
	});

	it("needs the very intent that was held: another at its place denies, however alike", () => {
		given(one, intent(mail), (world) => {
			for (const [offset, held_] of world.intents) world.intents.set(offset, { ...held_, id: "other" });
		})
			.when(granted("h"))
			.then(denied("intent.unreadable"));
	});

	it("counts from those alone whom a rule names, however their names are written", () => {
		given(one, intent(mail))
			.when(granted("h", "carol"))
			.then(rejected("approval.not_permitted"), (world) => expect(world.call("h").phase).toBe("held"))
			.when(granted("h", " ALICE"))
			.then(allowed());
		given(policy(approvers("approvers: ['*@Bücher.example']"), { tools: holdMail }), intent(mail))
			.when(granted("h", "bob@BU\u0308CHER.example"))
			.then(allowed());
		given(policy(approvers("approvers: ['lead-*']"), { tools: holdMail }), intent(mail))
			.when(granted("h", "lead-7"))
			.then(allowed());
	});

	it("never comes from the human for whom, or the agent as which, the call was made", () => {
		const anyone = policy(approvers("approvers: ['*']"), { tools: holdMail });
		given(anyone, intent({ ...mail, onBehalfOf: "alice" }))
			.when(granted("h", "alice"))
			.then(rejected("approval.self"))
			.when(granted("h", "coder"))
			.then(rejected("approval.self"))
			.when(granted("h", "bob"))
			.then(allowed());
	});

	it("nor from them under another spelling of their names, nor from a sub-agent on the way", () => {
		const anyone = policy(approvers("approvers: ['*']"), { tools: holdMail });
		const scenario = given(anyone, intent({ ...mail, onBehalfOf: "alice@example.com", actor: ["planner", "Mailer"] }));
		for (const by of [
			"Alice@example.com",
			"alice@example.com ",
			"ali\u200bce@example.com",
			"CODER",
			"mailer",
			"planner",
		]) {
			scenario.when(granted("h", by)).then(rejected("approval.self"));
		}
	});

	it("nor from whoever asked for it with a credential of theirs, under any spelling", () => {
		const anyone = policy(approvers("approvers: ['*']"), { tools: holdMail });
		const scenario = given(anyone, intent({ ...mail, onBehalfOf: "zed", askedBy: "alice@example.com" }));
		for (const by of [
			"alice@example.com",
			"Alice@Example.com",
			" alice@example.com.",
			"\uff41lice@example.com",
			"zed",
		]) {
			scenario.when(granted("h", by)).then(rejected("approval.self"));
		}
		scenario.when(granted("h", "bob")).then(allowed());
	});

	it("comes from whoever asked where the rule says so, and for that rule alone", () => {
		const own = approvers("approvers: [me, coder], self: allowed");
		given(policy(own, { tools: holdMail }), intent({ ...mail, askedBy: "Me" }))
			.when(granted("h", "me"))
			.then(allowed());
		given(
			policies(
				policyText("a", own, { tools: holdMail }),
				policyText("b", approvers("approvers: ['*']"), { tools: holdMail }),
			),
			intent({ ...mail, askedBy: "me" }),
		)
			.when(granted("h", "me"))
			.then(pending())
			.when(granted("h", "you"))
			.then(allowed());
	});

	it("comes from the one for whom the call is made where the rule says so, never from the agent that asks", () => {
		const own = policy(approvers("approvers: [me, coder], self: allowed"), { tools: holdMail });
		given(own, intent({ ...mail, onBehalfOf: "me" }))
			.when(granted("h", "coder"))
			.then(rejected("approval.self"))
			.when(granted("h", "Me"))
			.then(allowed());
		// Each rule speaks for itself: where one asks for somebody else, that stays open.
		given(
			policies(
				policyText("a", approvers("approvers: ['*'], self: allowed"), { tools: holdMail }),
				policyText("b", approvers("approvers: ['*']"), { tools: holdMail }),
			),
			intent({ ...mail, onBehalfOf: "me" }),
		)
			.when(granted("h", "me"))
			.then(pending())
			.when(granted("h", "me"))
			.then(rejected("approval.repeated"))
			.when(granted("h", "you"))
			.then(allowed());
	});
});

describe("the slots of calls that run at the same time", () => {
	const slots = (max: number, more = "") =>
		policy(
			`${approvers("approvers: [alice], expires: 1h")}\nlimits: [{name: slots, measure: concurrent_calls, scope: agent, max: ${max}${more}}]`,
			{ tools: holdMail },
		);

	it("are not taken by calls that wait for people, and none is refused for want of one", () => {
		given(slots(1), intent(mail), intent({ id: "h2", tool: "mail.send" }))
			.then(held("tool.held"), counts("slots", { reserved: 0 }))
			.when(intent({ id: "c" }))
			.then(allowed(), counts("slots", { reserved: 1 }))
			.when(intent({ id: "h3", tool: "mail.send" }))
			.then(held("tool.held"))
			.when(granted("h"))
			.then(denied("budget.exhausted"))
			.when(outcome("c"), granted("h2"))
			.then(allowed(), counts("slots", { reserved: 1 }));
	});

	it("hold a call where the limit says so, and it takes its slot when it is granted", () => {
		given(slots(0, ", effect: hold"), intent({ id: "h" }))
			.then(held("budget.exhausted"), counts("slots", { reserved: 0 }))
			.when(granted("h"))
			.then(allowed(), counts("slots", { reserved: 1 }));
	});
});

describe("a quorum", () => {
	const two = policy(approvers("approvers: [alice, bob, carol], quorum: 2"), { tools: holdMail });

	it("is as many different approvers", () => {
		given(two, intent(mail))
			.when(granted("h", "alice"))
			.then(pending())
			.when(granted("h", "alice"))
			.then(rejected("approval.repeated"))
			.when(granted("h", "bob"))
			.then(allowed());
	});

	it("is reached rule by rule; one grant counts for every rule that names the approver", () => {
		given(
			policies(
				policyText("a", approvers("approvers: [alice, lead], quorum: 2"), { tools: holdMail }),
				policyText("b", approvers("approvers: [lead]"), { tools: holdMail }),
			),
			intent(mail),
		)
			.when(granted("h", "alice"))
			.then(pending())
			.when(granted("h", "lead"))
			.then(allowed());
	});

	it("is counted as the entry of each vote says, whomever the globs of the rules name", () => {
		const { world } = given(
			policies(
				policyText("a", approvers("approvers: [alice, lead], quorum: 2"), { tools: holdMail }),
				policyText("b", approvers("approvers: [lead]"), { tools: holdMail }),
			),
			intent(mail),
			granted("h", "alice"),
		);
		expect(world.last).toMatchObject({ by: "alice", countedFor: [{ policy: "a", rule: "mails" }] });
		const votes = () => world.call("h").hold?.requirements.map((requirement) => requirement.votes);
		expect(votes()).toEqual([["alice"], []]);
		// An entry that says so counts for a rule whose globs do not match: the fold asks none.
		const vote = {
			...world.last,
			seq: world.state.nextSeq,
			by: "mallory",
			countedFor: [{ policy: "b", rule: "mails" }],
		};
		evolve(world.state, vote as ApprovalRecordedEntry);
		expect(votes()).toEqual([["alice"], ["mallory"]]);
	});

	it("is one vote for one person, and none for a rule that does not name them", () => {
		given(two, intent(mail))
			.when(granted("h", "bob"))
			.then(pending())
			.when(granted("h", "Bob "))
			.then(rejected("approval.repeated"))
			.when(granted("h", "CAROL"))
			.then(allowed());
		given(
			policies(
				policyText("a", approvers("approvers: [alice]"), { tools: holdMail }),
				policyText("b", approvers("approvers: [lead]"), { tools: holdMail }),
			),
			intent(mail),
		)
			.when(granted("h", "alice"))
			.then(pending())
			.when(granted("h", "lead"))
			.then(allowed());
	});

	it("outlives a change of policy until it is reached", () => {
		given(two, intent(mail), granted("h", "alice"), policy(approvers("approvers: [alice]"), { tools: holdMail }))
			.when(granted("h", "carol"))
			.then(allowed());
	});
});

describe("a refusal", () => {
	it("of one approver denies, even if others have granted", () => {
		const two = policy(
			`${approvers("approvers: [alice, bob], quorum: 2")}\nlimits: [{name: cap, measure: tool_calls, scope: agent, max: 1}]`,
			{ tools: holdMail },
		);
		given(two, intent(mail), granted("h", "alice"))
			.when(refused("h", "bob"))
			.then(denied("approval.rejected"), counts("cap", { reserved: 0 }))
			.when(resent("h"))
			.then(repeated("deny", "closed", "approval.rejected"))
			.when(granted("h", "alice"))
			.then(rejected("approval.closed"));
	});

	it("may come from an approver who has granted before", () => {
		const two = policy(approvers("approvers: [alice, bob], quorum: 2"), { tools: holdMail });
		given(two, intent(mail), granted("h", "alice")).when(refused("h", "alice")).then(denied("approval.rejected"));
	});

	it("counts from those alone whom a rule names", () => {
		given(one, intent(mail)).when(refused("h", "carol")).then(rejected("approval.not_permitted"));
	});
});

describe("a granted call is decided again", () => {
	it("deny wins: what the policy in force forbids is not released", () => {
		given(limited(5), intent(mail), policy("", { tools: "{allow: [shell.*]}" }))
			.when(granted("h"))
			.then(denied("tool.not_allowed"), counts("cap", { reserved: 0 }), (world) => {
				expect(world.call("h")).toMatchObject({ phase: "denied", reserved: [] });
			});
	});

	it("stays held with the same expiry where another rule holds it, and keeps what was satisfied", () => {
		const more = policy(
			`${approvers("approvers: [alice], expires: 10m")}\npatterns: [{name: wide, substring: ls, effect: hold}]`,
			{ tools: holdMail },
		);
		given(one, intent(mail), wait(MINUTE), more)
			.when(granted("h"))
			.then(held("pattern.matched"), byRules("guard/wide"), (world) => {
				expect(world.last).toMatchObject({ expiresAt: START + 10 * MINUTE, requirements: [{ rule: "wide" }] });
				expect(world.call("h")).toMatchObject({ phase: "held", dueAt: START + 10 * MINUTE });
			})
			.when(granted("h"))
			.then(allowed());
		given(one, intent(mail), wait(MINUTE), more, granted("h"))
			.when(wait(9 * MINUTE), tick())
			.then(effects("hold.expired h"));
	});

	it.each([
		["other approvers", "approvers: [cfo], expires: 10m"],
		["more of them", "approvers: [alice, bob], quorum: 2, expires: 10m"],
	])("stays held where the rule of the same name now asks for %s", (_, asked) => {
		given(one, intent(mail), policy(approvers(asked), { tools: holdMail }))
			.when(granted("h"))
			.then(held("tool.held"), (world) => {
				expect(world.call("h")).toMatchObject({ phase: "held", hold: { requirements: [{ votes: [] }] } });
			});
	});

	it("passes where the rule in force asks for less", () => {
		const two = policy(approvers("approvers: [alice, bob], quorum: 2, expires: 10m"), { tools: holdMail });
		const fewer = policy(approvers("approvers: [alice, bob], expires: 10m"), { tools: holdMail });
		given(two, intent(mail), fewer, granted("h")).when(granted("h", "bob")).then(allowed());
	});

	it("swaps its reservation for a fresh one: it does not stand in its own way", () => {
		given(limited(1), intent(mail))
			.when(granted("h"))
			.then(allowed(), counts("cap", { reserved: 1 }), (world) => {
				expect(world.last).toMatchObject({ decision: { uses: [{ before: 0, amount: 1, max: 1 }] } });
			});
	});

	it("is denied where the budget in force does not cover it any more", () => {
		given(limited(5), intent({}), intent({}), intent(mail), limited(2))
			.when(granted("h"))
			.then(denied("budget.exhausted"), counts("cap", { reserved: 2 }));
	});

	it("takes the reservations of the policy in force", () => {
		const tokens = policy(
			`${approvers("approvers: [alice], expires: 10m")}\nlimits: [{name: fresh, measure: tokens, scope: agent, max: 100}]`,
			{ tools: holdMail },
		);
		given(limited(5), intent({ ...mail, tokens: 30 }), tokens)
			.when(granted("h"))
			.then(allowed(), counts("cap", { reserved: 0 }), counts("fresh", { reserved: 30 }));
	});

	it("is denied where the intent can no longer be read, or is not the one that was held", () => {
		given(limited(5), unreadable, intent(mail))
			.when(granted("h"))
			.then(denied("intent.unreadable"), counts("cap", { reserved: 0 }));
		given(one, intent(mail), (world) => {
			const [offset, read] = [...world.intents][0] ?? [];
			if (offset === undefined || read === undefined) throw new Error("nothing was submitted");
			world.intents.set(offset, { ...read, argsText: canonicalize({ command: "rm" }), args: { command: "rm" } });
		})
			.when(granted("h"))
			.then(denied("intent.unreadable"));
	});

	it("is denied where no policy applies any more", () => {
		given(one, intent(mail), policy("appliesTo: {agents: [analyst]}")).when(granted("h")).then(denied("policy.none"));
	});

	it("submits nothing again: identical calls are counted once", () => {
		const same = policy(
			`${approvers("approvers: [alice]")}\nlimits: [{name: same, measure: identical_calls, scope: session, max: 2}]`,
			{ tools: holdMail },
		);
		const again = { tool: "mail.send" };
		given(same, intent(mail), granted("h"))
			.then(allowed(), counts("same", { settled: 0 }))
			.when(intent(again))
			.then(held("tool.held"))
			.when(intent(again))
			.then(denied("budget.exhausted"));
	});
});

describe("a budget that asks instead of denying", () => {
	const asking = policy(
		`${approvers("approvers: [alice]")}\nlimits: [{name: cap, measure: tool_calls, scope: agent, max: 1, effect: hold}]`,
	);

	it("holds what it does not cover, and releases it over the maximum when somebody agrees", () => {
		given(asking, intent())
			.when(intent({ id: "h" }))
			.then(held("budget.exhausted"), counts("cap", { reserved: 2 }))
			.when(granted("h"))
			.then(allowed(), counts("cap", { reserved: 2 }))
			.when(wait(HOUR), tick())
			.then(counts("cap", { reserved: 0, settled: 2 }));
	});
});
