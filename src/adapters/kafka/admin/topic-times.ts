/** Whose time the records of a topic have: the broker's, as a deployment needs it, or their own, while a log is copied into it. */
import type { DurationMs } from "../../../core/model/units.ts";
import { pause } from "../../../ports/pause.ts";
import { nameOf, unreachable } from "../network/faults.ts";
import type { Topology } from "../network/topology.ts";
import type { Wire } from "../network/wire.ts";
import { ask, check, TOPIC_RESOURCE } from "./errand.ts";

export type TopicTime = "LogAppendTime" | "CreateTime";

const TIMES = "message.timestamp.type";
/** ConfigSource of the protocol: what was set for this topic. */
const SET_FOR_TOPIC = 1;

const WITHIN_MS: DurationMs = 15_000;
const LOOK_EVERY_MS: DurationMs = 50;
/** A leader goes by a setting a moment after it tells of it. */
const SETTLED_MS: DurationMs = 500;

export class TopicTimes {
	readonly #wire: Wire;
	readonly #topology: Topology;

	constructor(wire: Wire, topology: Topology) {
		this.#wire = wire;
		this.#topology = topology;
	}

	/** Of a topic without the deployment's prefix. */
	async of(topic: string): Promise<string> {
		return (await this.#settings([topic]))[0]?.time ?? "";
	}

	/** Sets it, and waits until the brokers go by it. Throws ASSENT_LOG_DENIED, ASSENT_LOG_SETTINGS and ASSENT_LOG_UNAVAILABLE. */
	async set(topics: readonly string[], time: TopicTime): Promise<void> {
		const others = (await this.#settings(topics)).filter((each) => each.time !== time);
		if (others.length === 0) return;
		const what = `setting ${TIMES}=${time}`;
		const { resources } = await ask(this.#wire, what, "AlterConfigs", {
			// The request sets a topic's settings as a whole.
			resources: others.map(({ name, set }) => ({
				type: TOPIC_RESOURCE,
				name,
				configEntries: [...new Map([...set, [TIMES, time]])].map(([key, value]) => ({ name: key, value })),
			})),
		});
		for (const { resourceName, errorCode, errorMessage } of resources)
			check(`${what} of \`${resourceName}\``, errorCode, errorMessage ?? nameOf(errorCode));
		const deadline = performance.now() + WITHIN_MS;
		while ((await this.#settings(topics)).some((each) => each.time !== time)) {
			if (performance.now() > deadline) throw unreachable(what, "the brokers do not go by it");
			await pause(LOOK_EVERY_MS);
		}
		await pause(SETTLED_MS);
	}

	async #settings(
		topics: readonly string[],
	): Promise<readonly { readonly name: string; readonly time: string; readonly set: ReadonlyMap<string, string> }[]> {
		const what = "reading the settings of topics";
		const { resources } = await ask(this.#wire, what, "DescribeConfigs", {
			resources: topics.map((topic) => ({ type: TOPIC_RESOURCE, name: this.#topology.nameOf(topic) })),
		});
		return resources.map(({ errorCode, errorMessage, resourceName: name, configEntries }) => {
			check(what, errorCode, errorMessage ?? nameOf(errorCode));
			const own = configEntries.filter(({ configSource }) => configSource === SET_FOR_TOPIC);
			return {
				name,
				time: configEntries.find(({ configName }) => configName === TIMES)?.configValue ?? "",
				set: new Map(own.map(({ configName, configValue }) => [configName, configValue])),
			};
		});
	}
}
