/** The page of events that processors, clients, gateways, `assent notify` and notaries log. */
import { EVENTS } from "../../src/ports/events.ts";
import { code, page, table } from "./markdown.ts";

const TITLES = {
	processor: "A processor's",
	client: "A client's",
	gateway: "A gateway's",
	notify: "Of `assent notify`",
	notary: "A notary's",
} as const;

export function eventsPage(): string {
	const sections = (["processor", "client", "gateway", "notify", "notary"] as const).flatMap((from) => [
		`## ${TITLES[from]}`,
		table(
			["event", "level", "facts", "means"],
			Object.entries(EVENTS)
				.filter(([, event]) => event.from === from)
				.map(([name, { level, facts, means }]) => [code(name), level, factsText(facts), means]),
		),
	]);
	return page({
		title: "Events",
		from: "src/ports/events.ts",
		parts: [
			"What a running part tells its operators: `assent processor` and `assent dev` as JSON lines on stderr (`--log-level`), the client\nlibrary through `telemetry`, and on the channel `assent:telemetry` of `node:diagnostics_channel` as `{ level, event, facts }`. A name keeps its meaning; facts may be added. None holds arguments of a call. A fact with `?` may be missing.",
			...sections,
		],
	});
}

const factsText = (facts: Readonly<Record<string, string>>): string =>
	Object.entries(facts)
		.map(([name, kind]) => code(kind.endsWith("?") ? `${name}?` : name))
		.join(" ");
