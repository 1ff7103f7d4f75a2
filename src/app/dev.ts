/** `assent dev`: every role that exists, in one process on an embedded log. */
import { dirname, join } from "node:path";
import type { MetricsPage } from "../adapters/http/probes.ts";
import type { AssentError } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import { pathOf } from "../operations/log-url.ts";
import type { Log } from "../ports/log/log.ts";
import { topicSpecs } from "../ports/log/topics.ts";
import type { Signer } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Processor } from "../processor/processor.ts";
import { assertOwn } from "../reading/history.ts";
import type { MetricsAddress } from "./config/metrics-address.ts";
import type { FoldJob } from "./fold-threads.ts";
import { ensureActive, Node, newInstance } from "./node.ts";
import type { LoadedPolicies } from "./policies.ts";
import { keptSigner } from "./signing-keys.ts";

export interface DevOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly policies: LoadedPolicies;
	readonly snapshotEvery: number;
	readonly telemetry: Telemetry;
	/** See `NodeOptions`. */
	readonly source?: FoldJob | null;
	/** Signs the tokens of allows; default nobody. */
	readonly tokenSigner?: Signer | null;
	/** Signs the activation of the policies, and the key of tokens, where they name operators; default nobody. */
	readonly operatorSigner?: Signer | null;
	/** Where metrics and health are served; nowhere by default. */
	readonly metrics?: MetricsAddress | null;
	/** Shown with them. */
	readonly alsoShown?: Pick<MetricsPage, "text"> | null;
}

/** A node that runs until it is stopped, or superseded. */
export interface DevNode {
	/** Started; it decides everything once its status says so. */
	readonly processor: Processor;
	readonly instance: string;
	/** Whether starting put the policies into force; false: they were in force already. */
	readonly isActivated: boolean;
	/** `http://…` where metrics and health are served; null: nowhere. */
	readonly metricsAddress: string | null;
	/** Null after `stop`; else why this process decides no more. */
	readonly ended: Promise<AssentError | null>;
	stop(): Promise<void>;
}

const BY = "assent dev";

/** Throws ASSENT_LOG_OTHER where the ledger was recreated beside records derived from it. */
export async function startDev(options: DevOptions): Promise<DevNode> {
	const { log, layout, policies, telemetry } = options;
	const instance = newInstance();
	await log.admin().createTopics(topicSpecs(layout));
	await assertOwn(log);
	const {
		snapshotEvery,
		source = null,
		metrics = null,
		alsoShown = null,
		tokenSigner = null,
		operatorSigner = null,
	} = options;
	const isActivated = await ensureActive(log, { layout, policies, by: BY, signer: operatorSigner });
	const signing = { tokenSigner, operatorSigner };
	const shown = { metrics, alsoShown };
	const node = await Node.make({ log, instance, layout, telemetry, snapshotEvery, source, ...shown, ...signing });
	await node.processor.start();
	const { processor, metricsAddress } = node;
	return { processor, instance, isActivated, metricsAddress, ended: processor.ended, stop: () => node.stop() };
}

/** The key of the node on a log file, kept beside it and never shown; null for a log that ends with the process. */
export async function devSigner(logUrl: string): Promise<Signer | null> {
	const file = pathOf(logUrl);
	return file === null ? null : keptSigner("assent-dev", join(dirname(file), "token.key"));
}

/** Puts an edit into force, unless it says what is in force already. */
export const activateEdit = (
	log: Log,
	layout: Layout,
	policies: LoadedPolicies,
	signer: Signer | null,
): Promise<boolean> => ensureActive(log, { layout, policies, by: BY, signer });
