/** An event as its receiver reads it: Assent's own form, a message of Slack, an alert of Alertmanager. Arguments are in none of them. */
import { visible } from "../../../core/base/safe-text.ts";
import type { EventCall, GovernanceEvent } from "../../../core/ledger/projections/events.ts";
import { cutTo } from "../../../core/model/bounds.ts";
import { instantText } from "../../../core/model/instant.ts";

export const BODY_FORMS = ["assent", "slack", "alertmanager"] as const;

export type BodyForm = (typeof BODY_FORMS)[number];

/** What somebody can be told of: `hold` is a call that waits for a human. */
export const NOTICE_TYPES = [
	"hold",
	"policy_violation",
	"tool_call_blocked",
	"checkpoint_created",
	"drift_detected",
] as const;

export type NoticeType = (typeof NOTICE_TYPES)[number];

/** Null for a call that was checked and does not wait. */
export function noticeTypeOf(event: GovernanceEvent): NoticeType | null {
	if (event.type !== "policy_check") return event.type;
	return event.verdict === "hold" ? "hold" : null;
}

/** JSON. */
export function bodyOf(form: BodyForm, event: GovernanceEvent, type: NoticeType): string {
	switch (form) {
		case "assent": {
			const { type: _, ...data } = event;
			return JSON.stringify({ type, timestamp: new Date(event.at).toISOString(), data });
		}
		case "slack":
			return JSON.stringify(slackMessage(event));
		case "alertmanager":
			return JSON.stringify([alertOf(event, type)]);
	}
}

/** One line for people. */
function headline(event: GovernanceEvent): string {
	switch (event.type) {
		case "policy_check":
			return `Waiting for approval: ${event.tool}`;
		case "policy_violation":
			return `Policy violation (${event.severity}): ${event.tool === "" ? event.code : event.tool}`;
		case "tool_call_blocked":
			return `Blocked: ${event.tool === "" ? event.code : event.tool}`;
		case "checkpoint_created":
			return `Checkpoint of partition ${event.partition} at ${event.size}`;
		case "drift_detected":
			return `Output drift ${event.score}: ${event.tool}`;
	}
}

type Fact = readonly [string, string];

/** Facts by their names, in the order in which they are shown. */
function factsOf(event: GovernanceEvent): readonly Fact[] {
	switch (event.type) {
		case "checkpoint_created":
			return [
				["root", event.root],
				["policies", event.policyDigest],
			];
		case "policy_check": {
			const rules = event.reasons.map(({ policy, rule, message }): Fact => ["rule", `${policy}/${rule}: ${message}`]);
			return [...callFacts(event), ["until", instantText(event.expiresAt)], ...rules];
		}
		case "policy_violation":
			return [...callFacts(event), ["rule", `${event.policy}/${event.rule}`], ["why", event.message]];
		case "tool_call_blocked":
			return [...callFacts(event), ["why", `${event.code}: ${event.message}`]];
		case "drift_detected":
			return [...callFacts(event), ["threshold", String(event.threshold)]];
	}
}

const callFacts = ({ tenant, agent, session, actor, onBehalfOf, askedBy, intent }: EventCall): readonly Fact[] => [
	["agent", [`${tenant}/${agent}`, ...actor].join(" > ")],
	["on behalf of", onBehalfOf ?? ""],
	["asked by", askedBy ?? ""],
	["session", session],
	["call", intent],
];

/** Slack's limits of a header and of a section, in which its escapes count. */
const HEADLINE_MAX = 150;
const SECTION_MAX = 3_000;
const FACT_MAX = 300;
/** Of an alert's description. */
const DESCRIPTION_MAX = 4_000;

/** Everything that somebody else chose is plain text there: nobody is called, and nothing becomes a link, by a tool's name. */
function slackMessage(event: GovernanceEvent): object {
	const title = slackText(headline(event), HEADLINE_MAX);
	const lines = factsOf(event)
		.filter(([, value]) => value !== "")
		.map(([key, value]) => slackText(`${key}: ${value}`, FACT_MAX));
	const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
	return {
		text: title,
		mrkdwn: false,
		parse: "none",
		link_names: false,
		unfurl_links: false,
		unfurl_media: false,
		blocks: [
			{ type: "header", text: plain(title) },
			{ type: "section", text: plain(fitting(lines, SECTION_MAX).join("\n")) },
			{ type: "context", elements: [plain(`${event.id} at ${instantText(event.at)}`)] },
		],
	};
}

/** What Slack reads as its own signs is escaped as it asks for, and cut behind a whole sign: a message that is too long is refused. */
function slackText(text: string, lengthMax: number): string {
	const signs = [...visible(text)].map((sign) => SLACK_ESCAPES[sign] ?? sign);
	const whole = signs.join("");
	if (whole.length <= lengthMax) return whole;
	return `${fitting(signs, lengthMax - 1, 0).join("")}…`;
}

const SLACK_ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** The first of them, as many as have room, each with what comes between two. */
function fitting(texts: readonly string[], lengthMax: number, between = 1): readonly string[] {
	let length = 0;
	const end = texts.findIndex((text) => {
		length += text.length + between;
		return length - between > lengthMax;
	});
	return end < 0 ? texts : texts.slice(0, end);
}

const ALERT_NAMES: Readonly<Record<NoticeType, string>> = {
	hold: "AssentHold",
	policy_violation: "AssentPolicyViolation",
	tool_call_blocked: "AssentCallBlocked",
	checkpoint_created: "AssentCheckpoint",
	drift_detected: "AssentDrift",
};

/** Alerts of the same labels are one: each hold is one, and violations are by rule, agent and tool. */
function alertOf(event: GovernanceEvent, type: NoticeType): object {
	const labels = Object.entries({ alertname: ALERT_NAMES[type], ...labelsOf(event) }).filter(
		([, value]) => value !== "",
	);
	const isHold = event.type === "policy_check";
	return {
		labels: Object.fromEntries(labels.map(([key, value]) => [key, visible(value)])),
		annotations: {
			summary: visible(headline(event)),
			description: cutTo(
				visible(
					factsOf(event)
						.filter(([, value]) => value !== "")
						.map(([key, value]) => `${key}: ${value}`)
						.join("; "),
				),
				DESCRIPTION_MAX,
			),
			event: event.id,
		},
		startsAt: new Date(event.at).toISOString(),
		...(isHold ? { endsAt: new Date(event.expiresAt).toISOString() } : {}),
	};
}

function labelsOf(event: GovernanceEvent): Readonly<Record<string, string>> {
	switch (event.type) {
		case "checkpoint_created":
			return { partition: String(event.partition) };
		case "policy_check":
			return { ...whoseOf(event), call: event.intent };
		case "policy_violation": {
			const { severity, policy, rule, code } = event;
			return { ...whoseOf(event), severity, policy, rule, code };
		}
		case "tool_call_blocked":
			return { ...whoseOf(event), severity: event.severity, code: event.code };
		case "drift_detected":
			return whoseOf(event);
	}
}

const whoseOf = ({ tenant, agent, tool }: EventCall) => ({ tenant, agent, tool });
