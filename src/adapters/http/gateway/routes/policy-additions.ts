/** `POST /v1/policies/additions`: policies beside those that are in force, which can only become stricter by them. */
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Layout } from "../../../../core/model/layout.ts";
import type { PolicySourceText } from "../../../../core/model/records.ts";
import type { DurationMs } from "../../../../core/model/units.ts";
import { activatePolicies } from "../../../../operations/activation.ts";
import { policyStanding } from "../../../../operations/policy-standing.ts";
import type { Log } from "../../../../ports/log/log.ts";
import { partitionsOf } from "../../../../reading/principal-filter.ts";
import { activePolicies, compiledOrThrow, faulty, readSent, sentPolicies } from "../policy-sources.ts";
import { conflict } from "../problems.ts";
import { defineRoute, type GatewayParts } from "../route.ts";

const added = z
	.object({
		isAdded: z
			.boolean()
			.meta({ description: "False: what was in force is as strict already, and nothing was changed." }),
		activeDigest: z.string(),
	})
	.meta({ id: "PolicyAddition" });

const WAIT_MS: DurationMs = 10_000;
const PAUSE_MS: DurationMs = 50;

export const addPolicies = defineRoute({
	method: "POST",
	path: "/v1/policies/additions",
	name: "addPolicies",
	tag: "policies",
	summary: "Put policies into force beside those that are",
	description:
		"Activates what is in force and what is sent as one set, unless what is in force is as strict already: of several policies the strictest says what happens, so that no call passes that did not before. Answers when every partition decides by it.",
	roles: ["operator"],
	body: sentPolicies,
	answers: {
		200: { description: "In force on every partition.", schema: added },
		409: {
			description: "No policies are in force, one of the same name says otherwise, or it was not adopted in time.",
			schema: null,
		},
	},
	handle: async ({ body, credential }, parts) => {
		const { sources } = readSent(body, parts.layout);
		return { status: 200, body: await inTurn(() => add(sources, credential.name, parts)) };
	},
});

/** One at a time: the second of two is put beside the first. */
let last: Promise<unknown> = Promise.resolve();
function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
	const done = last.then(work);
	last = done.catch(() => {});
	return done;
}

async function add(
	sources: readonly PolicySourceText[],
	by: string,
	{ log, layout, comparer, clock, operatorSigner: signer }: GatewayParts,
): Promise<z.output<typeof added>> {
	const { budgetRoot } = layout;
	const active = await activePolicies(log, layout);
	const compared = await comparer.compare({ first: active.sources, second: sources, budgetRoot });
	if (!compared.ok) throw faulty(compared.error);
	const { relation } = compared.value;
	if (relation === "equal" || relation === "stricter") return { isAdded: false, activeDigest: active.digest };
	const together = [...active.sources, ...sources.map((each) => unlike(each, active.sources))];
	const { digest } = compiledOrThrow(together, budgetRoot);
	await activatePolicies(log, { layout, sources: together, digest, by, signer, now: clock.now() });
	await untilInForce(log, layout, digest);
	return { isAdded: true, activeDigest: digest };
}

/** Throws GATEWAY_CONFLICT for one of the same name: it would stand in the other's place. */
function unlike(source: PolicySourceText, active: readonly PolicySourceText[]): PolicySourceText {
	if (active.some(({ name }) => name === source.name))
		throw conflict(
			`\`${source.name}\` is in force with another text`,
			"activate the new text in its place: `assent policy activate FILE`",
		);
	return source;
}

async function untilInForce(log: Log, layout: Layout, digest: string): Promise<void> {
	const ends = performance.now() + WAIT_MS;
	for (const partition of partitionsOf(layout)) {
		while ((await policyStanding(log, layout, partition)).policy.digest !== digest) {
			if (performance.now() > ends)
				throw conflict(
					"the policies were activated, and not every partition has adopted them",
					"look at `assent policy history`: they may need a signature or a second operator",
				);
			await pause(PAUSE_MS);
		}
	}
}
