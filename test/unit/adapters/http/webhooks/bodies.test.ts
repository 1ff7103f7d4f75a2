import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bodyOf, noticeTypeOf } from "../../../../../src/adapters/http/webhooks/bodies.ts";
import type { PolicyCheck, PolicyViolation } from "../../../../../src/core/ledger/projections/events.ts";

const call = {
	...{ tenant: "acme", agent: "coder", session: "run-1", actor: ["planner"], onBehalfOf: "ann@example.com" },
	askedBy: "desk-key",
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

type Block = { readonly text?: { readonly text: string } };

/** `postableAlerts` of api/v2/openapi.yaml, with what Alertmanager's validation asks for beside it: a label at least, and names of labels. */
const labelSet = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string());
const postableAlerts = z.array(
	z.strictObject({
		startsAt: z.iso.datetime().optional(),
		endsAt: z.iso.datetime().optional(),
		annotations: labelSet.optional(),
		labels: labelSet.refine((labels) => "alertname" in labels && !Object.values(labels).includes("")),
		generatorURL: z.url().optional(),
	}),
);

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
			"asked by: desk-key",
			"session: run-1",
			"call: c-1",
			"until: 2027-01-15T08:10:00Z",
			"rule: desk/mails: mails wait",
		]);
	});

	it.each(["x", "<", "&", "\u{1f600}", "\u202e", "&lt;!channel&gt;"])(
		"are never longer than Slack takes, nor cut within a sign, whatever of %j is in them",
		(sign) => {
			const name = sign.repeat(256).slice(0, 256);
			const [reason] = hold.reasons;
			const reasons = Array.from({ length: 30 }, () => ({
				...(reason as (typeof hold.reasons)[0]),
				message: sign.repeat(60),
			}));
			const long = {
				...hold,
				tool: name,
				intent: name,
				session: name,
				actor: Array.from({ length: 16 }, () => name),
				reasons,
			};
			const message = read("slack", long, "hold") as { text: string; blocks: [Block, Block, unknown] };
			const [header, section] = message.blocks.map((block) => (block as Block).text?.text ?? "") as [string, string];
			expect(header.length).toBeLessThanOrEqual(150);
			expect(section.length).toBeLessThanOrEqual(3_000);
			for (const text of [message.text, header, section]) {
				expect(text).toMatch(/^(?:[^&<>]|&amp;|&lt;|&gt;)+$/);
				expect(text.isWellFormed()).toBe(true);
			}
			// Until when is said however many rules there are.
			expect(section).toContain("until: 2027-01-15T08:10:00Z");
		},
	);

	it("ask Slack to make nothing of what looks like a name or a link", () => {
		expect(read("slack", { ...hold, tool: "@channel" }, "hold")).toMatchObject({
			...{ text: "Waiting for approval: @channel", mrkdwn: false },
			...{ parse: "none", link_names: false, unfurl_links: false, unfurl_media: false },
		});
	});

	it("are alerts as Alertmanager's API has them, whatever names are in them", () => {
		const name = "\u202e{}\"<!channel>'\u{1f600}\u200b".repeat(20);
		const hostile = { ...hold, tool: name, agent: name, session: name, onBehalfOf: name, intent: name };
		const broken = { ...violation, tool: name, agent: name, intent: name, message: name.repeat(40) };
		for (const text of [bodyOf("alertmanager", hostile, "hold"), bodyOf("alertmanager", broken, "policy_violation")]) {
			const [alert, ...others] = postableAlerts.parse(JSON.parse(text));
			expect(others).toEqual([]);
			expect(Date.parse(alert?.endsAt ?? "9999-01-01")).toBeGreaterThan(Date.parse(alert?.startsAt ?? ""));
			expect(text).not.toMatch(/[\u200b\u202e]/);
			expect(text.length).toBeLessThan(20_000);
		}
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
