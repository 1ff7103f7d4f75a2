import { describe, expect, it } from "vitest";
import { bodyOf, noticeTypeOf } from "../../../../../src/adapters/http/webhooks/bodies.ts";
import type { PolicyCheck, PolicyViolation } from "../../../../../src/core/ledger/projections/events.ts";

const call = {
	...{ tenant: "acme", agent: "coder", session: "run-1", actor: ["planner"], onBehalfOf: "ann@example.com" },
	...{ intent: "c-1", tool: "mail.send" },
};
const head = { at: 1_800_000_000_000, partition: 3 };

const hold: PolicyCheck = {
	type: "policy_check",
	...{ ...head, ...call, id: "3-7", seq: 7, verdict: "hold", expiresAt: 1_800_000_600_000, policyDigest: "ab" },
	reasons: [
		{
			...{ code: "tool.held", policy: "desk", rule: "mails", effect: "hold", mode: "enforce", severity: "medium" },
			...{ span: null, message: "mails wait", tags: [] },
		},
	],
};

const violation: PolicyViolation = {
	type: "policy_violation",
	...{ ...head, ...call, id: "3-8-0", seq: 8, index: 0, code: "tool.denied", policy: "desk", rule: "no-rm" },
	...{ severity: "high", mode: "enforce", verdict: "deny", span: null, message: "never", tags: ["T1485"] },
};

const read = (...of: Parameters<typeof bodyOf>): unknown => JSON.parse(bodyOf(...of)) as unknown;

describe("bodies", () => {
	it("say in Assent's own form what the event says, under what it is", () => {
		expect(read("assent", hold, "hold")).toEqual({
			type: "hold",
			timestamp: "2027-01-15T08:00:00.000Z",
			data: Object.fromEntries(Object.entries(hold).filter(([key]) => key !== "type")),
		});
		expect(noticeTypeOf(hold)).toBe("hold");
		expect(noticeTypeOf({ ...hold, verdict: "deny" })).toBeNull();
	});

	it("are messages of Slack in which nobody's words call anybody or pass for something else", () => {
		const hostile = { ...hold, tool: "<!channel> & <https://evil.example|click>\u202e", onBehalfOf: "*bold*\n_x_" };
		const text = bodyOf("slack", hostile, "hold");
		expect(text).not.toMatch(/<|\u202e|"mrkdwn"[^:]/);
		expect(JSON.parse(text)).toMatchObject({
			text: "Waiting for approval: &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;\\u202e",
			mrkdwn: false,
			blocks: [
				{ type: "header", text: { type: "plain_text" } },
				{ type: "section", text: { type: "plain_text", emoji: false } },
				{ type: "context" },
			],
		});
		const { blocks } = read("slack", hostile, "hold") as { blocks: [unknown, { text: { text: string } }] };
		expect(blocks[1].text.text.split("\n")).toEqual([
			"agent: acme/coder &gt; planner",
			"on behalf of: *bold*\\u000a_x_",
			"session: run-1",
			"call: c-1",
			"rule: desk/mails: mails wait",
			"until: 2027-01-15T08:10:00Z",
		]);
		const long = { ...hold, tool: "x".repeat(900), intent: "y".repeat(900) };
		const message = read("slack", long, "hold") as { text: string; blocks: { text?: { text: string } }[] };
		expect(message.text.length).toBeLessThanOrEqual(150);
		expect(message.blocks[1]?.text?.text.length).toBeLessThanOrEqual(3_000);
	});

	it("are alerts of Alertmanager: violations by what was broken, holds one by one and until they expire", () => {
		expect(read("alertmanager", violation, "policy_violation")).toMatchObject([
			{
				labels: {
					...{ alertname: "AssentPolicyViolation", severity: "high", tenant: "acme", agent: "coder" },
					...{ tool: "mail.send", policy: "desk", rule: "no-rm", code: "tool.denied" },
				},
				annotations: { summary: "Policy violation (high): mail.send", event: "3-8-0" },
				startsAt: "2027-01-15T08:00:00.000Z",
			},
		]);
		const [alert] = read("alertmanager", hold, "hold") as [{ labels: object; endsAt: string }];
		expect(alert.labels).toMatchObject({ alertname: "AssentHold", call: "c-1" });
		expect(alert.endsAt).toBe("2027-01-15T08:10:00.000Z");
		const [bare] = read("alertmanager", { ...violation, tool: "" }, "policy_violation") as [{ labels: object }];
		expect(bare.labels).not.toHaveProperty("tool");
	});
});
