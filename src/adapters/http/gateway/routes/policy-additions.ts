/** `POST /v1/policies/additions`: policies beside those that are in force, which can only become stricter by them. */
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { isLaterActivation } from "../../../../core/model/inputs.ts";
import type { PolicySourceText } from "../../../../core/model/records.ts";
import type { DurationMs } from "../../../../core/model/units.ts";
import { type Activation, activatePolicies } from "../../../../operations/activation.ts";
import { policyStanding } from "../../../../operations/policy-standing.ts";
import { activationsOn, latestActivation, type PastActivation } from "../../../../reading/activations.ts";
import { readBundles } from "../../../../reading/bundles.ts";
import { partitionsOf } from "../../../../reading/principal-filter.ts";
import {
	type ActivePolicies,
	activePolicies,
	comparedOrThrow,
	digestOf,
	SOURCE_EXAMPLE,
	sentPolicies,
	translateSent,
} from "../policy-sources.ts";
import { conflict } from "../problems.ts";
import { defineRoute, type GatewayParts } from "../route.ts";

const addition = z
	.object({
		isAdded: z
			.boolean()
			.meta({ description: "False: what was in force is as strict already, and nothing was changed." }),
		activeDigest: z.string(),
	})
	.meta({ id: "PolicyAddition" });

type Added = z.output<typeof addition>;

/** Additions that meet each other are put together within two or three. */
const TURNS_MAX = 10;
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
	body: sentPolicies.meta({ examples: [{ sources: [SOURCE_EXAMPLE] }] }),
	answers: {
		200: { description: "In force on every partition.", schema: addition },
		409: {
			description:
				"No policies are in force, one of the same name says otherwise, it was not adopted in time, or others were put into force meanwhile, time and again.",
			schema: null,
		},
	},
	handle: async ({ body, credential }, parts) => {
		const { sources } = translateSent(body);
		return { status: 200, body: await inTurn(parts, () => add(sources, credential.name, parts)) };
	},
});

/** One at a time within a gateway: programs that start together do not get into each other's way. */
const LAST = new WeakMap<GatewayParts, Promise<unknown>>();
function inTurn<Value>(parts: GatewayParts, work: () => Promise<Value>): Promise<Value> {
	const done = (LAST.get(parts) ?? Promise.resolve()).then(work);
	LAST.set(
		parts,
		done.catch(() => {}),
	);
	return done;
}

/**
 * Until what is in force is as strict as what is wanted. Somebody else can put another set into force between the look at what is
 * there and the own activation, which then takes its place: what it brought is wanted from then on as well.
 */
async function add(sources: readonly PolicySourceText[], by: string, parts: GatewayParts): Promise<Added> {
	const { log, layout } = parts;
	let wanted = sources;
	let overtaken: readonly ActivePolicies[] = [];
	for (let turn = 0; turn < TURNS_MAX; turn++) {
		const last = await latestActivation(log);
		const active = await activePolicies(log, layout);
		let together: ActivePolicies | null;
		try {
			together = await stricterOrNull(active, wanted, parts);
		} catch (fault) {
			const before = overtaken.at(-1);
			if (before === undefined) throw fault;
			// What was sent cannot be beside it, and goes again.
			await isInForce(await activate(before, by, parts), parts);
			throw conflict(
				"somebody else has put policies into force meanwhile that these cannot be beside: they have the same names",
				"give them other names, or activate them in the others' place: `assent policy activate FILE`",
			);
		}
		if (together === null) return { isAdded: turn > 0, activeDigest: active.digest };
		const activation = await activate(together, by, parts);
		const isLatest = await isInForce(activation, parts);
		overtaken = await overtakenBy(activation, last, parts);
		if (isLatest && overtaken.length === 0) return { isAdded: true, activeDigest: together.digest };
		for (const { sources: more } of overtaken) wanted = [...wanted, ...without(more, wanted)];
	}
	throw conflict("others put policies into force at the same time, time and again", "send it once more");
}

/** Both as one set; null where what is active is as strict. Throws where they cannot be one. */
async function stricterOrNull(
	active: ActivePolicies,
	wanted: readonly PolicySourceText[],
	parts: GatewayParts,
): Promise<ActivePolicies | null> {
	const { budgetRoot } = parts.layout;
	const pair = { first: active.sources, second: wanted, budgetRoot };
	const { relation } = await comparedOrThrow(parts.comparer, pair);
	if (relation === "equal" || relation === "stricter") return null;
	const added = without(wanted, active.sources).map((each) => unlike(each, active.sources));
	const sources = [...active.sources, ...added];
	return { sources, digest: await digestOf(sources, parts) };
}

const without = (
	sources: readonly PolicySourceText[],
	others: readonly PolicySourceText[],
): readonly PolicySourceText[] =>
	sources.filter(({ name, text }) => !others.some((other) => other.name === name && other.text === text));

/** Throws GATEWAY_CONFLICT for one of the same name: it would stand in the other's place. */
function unlike(source: PolicySourceText, active: readonly PolicySourceText[]): PolicySourceText {
	if (active.some(({ name }) => name === source.name))
		throw conflict(
			`\`${source.name}\` is in force with another text`,
			"activate the new text in its place: `assent policy activate FILE`",
		);
	return source;
}

const activate = (
	{ sources, digest }: ActivePolicies,
	by: string,
	{ log, layout, clock, operatorSigner: signer }: GatewayParts,
): Promise<Activation> => activatePolicies(log, { layout, sources, digest, by, signer, now: clock.now() });

/**
 * Waits until every partition has read what there is. False: a later activation is in force somewhere. Throws GATEWAY_CONFLICT where
 * this one was refused, waits for a second operator, or is not read in time.
 */
async function isInForce(activation: Activation, { log, layout }: GatewayParts): Promise<boolean> {
	const ends = performance.now() + WAIT_MS;
	let isLatest = true;
	for (const partition of partitionsOf(layout)) {
		let standing = await policyStanding(log, layout, partition);
		while (standing.waiting.length > 0 && performance.now() < ends) {
			await pause(PAUSE_MS);
			standing = await policyStanding(log, layout, partition);
		}
		const { generation, activationId } = standing.policy;
		if (standing.waiting.length > 0 || isLaterActivation(activation, { generation, id: activationId }))
			throw conflict(
				"the policies were activated, and not every partition has adopted them",
				"look at `assent policy history`: they may need a signature or a second operator",
			);
		isLatest &&= activationId === activation.id;
	}
	return isLatest;
}

/** Sets that came between the look at what was there and the activation, in the order in which they were adopted. */
async function overtakenBy(
	activation: Activation,
	last: PastActivation | null,
	{ log }: GatewayParts,
): Promise<readonly ActivePolicies[]> {
	const between = (await activationsOn(log, 0)).filter(
		(each) => isLaterActivation(each, last ?? undefined) && isLaterActivation(activation, each) && !each.needsReview,
	);
	if (between.length === 0) return [];
	const bundles = await readBundles(log);
	return between.flatMap(({ digest }) => {
		const bundle = bundles.get(digest);
		return bundle === undefined ? [] : [{ digest, sources: bundle.sources }];
	});
}
