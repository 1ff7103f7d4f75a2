/** What an approver is shown over HTTP is what runs, and nothing else does. */
import { describe, expect, it } from "vitest";
import { gatewayWorld } from "../support/gateway.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, hold: [deploy] }
approvals: { default: { approvers: ['*@example.com'], expires: 1h } }
`;

const ANN = { name: "ann@example.com", roles: ["approver" as const], agents: "*" };

describe("a call that waits for a human", () => {
	it("runs with the arguments that were shown: others under its id do not, before the grant or after it", async () => {
		const world = await gatewayWorld(POLICY);
		const [agent, ann] = [await world.key(), await world.key(ANN)];
		const call = { id: "d", tool: "deploy", args: { to: "staging" }, executor: "executor-number-one" };
		const edited = { ...call, args: { to: "production" } };
		expect((await world.post("/v1/intents", agent, call)).status).toBe(202);
		expect((await world.post("/v1/intents", agent, edited)).body).toMatchObject({ mayRun: false, args: null });
		const { commitment, args } = (await world.get("/v1/approvals/d", ann)).body;
		expect(args).toEqual(call.args);
		const granted = await world.post("/v1/approvals/d/grant", ann, { commitment });
		expect(granted.body).toMatchObject({ result: "allow" });
		expect((await world.post("/v1/intents", agent, edited)).body).toMatchObject({ mayRun: false, args: null });
		const other = await world.post("/v1/intents", agent, { ...edited, executor: "executor-number-two" });
		expect(other.body).toMatchObject({ mayRun: false, args: null });
		expect((await world.post("/v1/intents", agent, call)).body).toMatchObject({ mayRun: true, args: call.args });
	});

	it("hides nothing from its approver that is in its arguments", async () => {
		const world = await gatewayWorld(POLICY);
		const [agent, ann] = [await world.key(), await world.key(ANN)];
		const hidden = {
			bidi: "safe\u202Emr",
			empty: "a\u200Bb\u2060",
			tags: "hi\u{E0072}\u{E006D}",
			lines: 'x\n  "to": "staging"\r',
			control: "\u001B[2K\u0008",
			"na\u00ADme": "\u2800",
		};
		expect((await world.post("/v1/intents", agent, { id: "d", tool: "deploy", args: hidden })).status).toBe(202);
		const { args, visible } = (await world.get("/v1/approvals/d", ann)).body;
		expect(args).toEqual(hidden);
		const { lines, unseen } = visible as { lines: string[]; unseen: string[] };
		const points = ["U+0008", "U+00AD", "U+001B", "U+200B", "U+202E", "U+2060", "U+2800", "U+E006D", "U+E0072"];
		expect(unseen).toEqual(expect.arrayContaining(points));
		expect(lines.join("\n")).toMatch(/^[\n\x20-\x7e]*$/);
		expect(lines.map((line) => line.trim())).not.toContain('"to": "staging"');
	});
});
