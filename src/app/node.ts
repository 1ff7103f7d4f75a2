/** A processor of this process: on a log that fits it, and watched from outside where that is asked for. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Health, MetricsPage } from "../adapters/http/probes.ts";
import { verifierOf } from "../adapters/keys/ed25519.ts";
import type { PrometheusMetrics } from "../adapters/prometheus/metrics.ts";
import { threadCompiler } from "../adapters/threads/compile-thread.ts";
import { threadReviewer } from "../adapters/threads/review-thread.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { layoutDifference } from "../core/ledger/fold.ts";
import type { Layout } from "../core/model/layout.ts";
import { activatePolicies } from "../operations/activation.ts";
import { lockoutProblem } from "../operations/activation-signer.ts";
import { assertTopics } from "../operations/examine/topic-shape.ts";
import { policyAhead, policyStanding } from "../operations/policy-standing.ts";
import { systemClock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { Signer } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { answerFor } from "../processor/answers.ts";
import { Processor } from "../processor/processor.ts";
import { latestActivation } from "../reading/activations.ts";
import type { PolicyKeys } from "../reading/bundle-signature.ts";
import { assertOwn } from "../reading/history.ts";
import { layoutOf } from "../reading/layout.ts";
import type { Config } from "./config/config.ts";
import type { MetricsAddress } from "./config/metrics-address.ts";
import { type FoldJob, threadFolder } from "./fold-threads.ts";
import type { LoadedPolicies } from "./policies.ts";

export interface NodeOptions {
	readonly log: Log;
	readonly layout: Layout;
	/** Unlike that of any other process, at any time. */
	readonly instance: string;
	readonly snapshotEvery: number;
	/** Whose signature bundles of policies must have; default nobody's. */
	readonly policyKeys?: PolicyKeys;
	/** Whether policies that are not proven to be as strict as those in force need a second operator; default no. */
	readonly requireReview?: boolean;
	/** Signs the tokens of allows; default nobody. */
	readonly tokenSigner?: Signer | null;
	/** Publishes that key in an operator's name, where the policies name operators; default nobody. */
	readonly operatorSigner?: Signer | null;
	/** What names the log for threads of its own, which fold long ledgers; default: nothing does, as for a log of this process alone. */
	readonly source?: FoldJob | null;
	readonly telemetry: Telemetry;
	/** Where `/metrics`, `/livez` and `/readyz` are served; null: nowhere, and nothing is measured. */
	readonly metrics: MetricsAddress | null;
	/** Shown on the same page: what another role of this process measures. */
	readonly alsoShown?: Pick<MetricsPage, "text"> | null;
}

export const newInstance = (): string => `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;

/** A processor with the machine's clock. Metrics are served from its making on, so that probes see it join. */
export class Node {
	readonly processor: Processor;
	readonly #metrics: PrometheusMetrics | null;
	readonly #health: Health | null;
	readonly #questions: { close(): Promise<void> } | null;

	private constructor(parts: {
		processor: Processor;
		metrics: PrometheusMetrics | null;
		health: Health | null;
		questions: { close(): Promise<void> } | null;
	}) {
		this.processor = parts.processor;
		this.#questions = parts.questions;
		this.#metrics = parts.metrics;
		this.#health = parts.health;
	}

	/** Throws ASSENT_USAGE when the port for metrics cannot be had. The caller starts the processor. */
	static async make({
		metrics: at,
		requireReview = false,
		alsoShown = null,
		source = null,
		...of
	}: NodeOptions): Promise<Node> {
		const folder = source === null ? null : threadFolder(source);
		const threads = { compiler: threadCompiler, folder, ...(requireReview ? { reviewer: threadReviewer() } : {}) };
		if (at === null) {
			const processor = new Processor({ ...of, ...threads, verifierOf, clock: systemClock });
			const questions = await answerFor(of.log, of.layout, processor);
			return new Node({ processor, metrics: null, health: null, questions });
		}
		// Only who is watched pays for it.
		const { openMetrics } = await import("../adapters/prometheus/metrics.ts");
		const { processorHealth, serveHealth } = await import("../adapters/http/probes.ts");
		const metrics = openMetrics({
			instance: of.instance,
			status: () => processor.status(),
			lag: () => processor.lag(),
		});
		const processor = new Processor({ ...of, ...threads, verifierOf, clock: systemClock, meter: metrics });
		const { contentType } = metrics;
		const text = async (): Promise<string> => `${await metrics.text()}${(await alsoShown?.text()) ?? ""}`;
		const health = await serveHealth({
			...at,
			metrics: { contentType, text },
			status: () => processorHealth(processor.status()),
		});
		const questions = await answerFor(of.log, of.layout, processor);
		return new Node({ processor, metrics, health, questions });
	}

	/** `http://127.0.0.1:9464`; null when nothing is served. */
	get metricsAddress(): string | null {
		return this.#health?.address ?? null;
	}

	/** Finishes what is in flight, hands the partitions over, and then is watched no more. Idempotent. */
	async stop(): Promise<void> {
		try {
			await this.processor.drain();
		} finally {
			await this.#questions?.close();
			await this.#health?.close();
			this.#metrics?.close();
		}
	}
}

/**
 * Whether a processor may decide here. Changes nothing. Throws ASSENT_LOG_TOPIC, ASSENT_LOG_SETTINGS and ASSENT_LAYOUT with
 * the command that fixes it, and ASSENT_LOG_OTHER; what is only a risk is told.
 */
export async function assertFit(log: Log, layout: Layout, telemetry: Telemetry): Promise<void> {
	const risks = await assertTopics(log, layout);
	const [first] = risks;
	if (first !== undefined) {
		const facts = { risks: risks.length, first: `${first.subject}: ${first.message}` };
		telemetry.warn("log.settings", { ...facts, help: `assent topics check --log ${log.url}` });
	}
	await assertLayout(log, layout);
	await assertOwn(log);
}

/** Throws ASSENT_LAYOUT when the ledger was begun with another layout than `ours`. */
export async function assertLayout(log: Log, ours: Layout): Promise<void> {
	const theirs = await layoutOf(log);
	const difference = theirs === null ? null : layoutDifference(ours, theirs);
	if (difference === null) return;
	throw new AssentError(
		problem(
			"ASSENT_LAYOUT",
			`${log.url} was begun with another layout: ${difference}`,
			"write the ledger's layout into the configuration file, or name another log",
		),
	);
}

/**
 * Files that a process puts into force by itself have no signature and no second operator. Throws POLICY_UNSIGNED and ASSENT_CONFIG
 * where the configuration asks for one.
 */
export function refuseOwnPolicies({ policyKeys, requireReview }: Pick<Config, "policyKeys" | "requireReview">): void {
	if (policyKeys.length > 0) {
		throw new AssentError(
			problem(
				"POLICY_UNSIGNED",
				"the configuration has `policyKeys`, and files that are put into force as they are have no signature",
				"sign them and activate them: `assent policy sign FILE --key KEY --out SIGNATURE`, `assent policy activate FILE --signature SIGNATURE`; `dev` and `processor --policy` are for configurations without `policyKeys`",
			),
		);
	}
	if (requireReview) {
		throw new AssentError(
			problem(
				"ASSENT_CONFIG",
				"the configuration has `requireReview`, and files that a process puts into force by itself have no second operator",
				"activate them: `assent policy activate FILE`; `dev` and `processor --policy` are for configurations without `requireReview`",
			),
		);
	}
}

/**
 * Activates only when another bundle is in force: starting again is no change of policy. Several that start at once may
 * activate the same bundle more than once; every partition ends with it in force anyway. A key signs in its own name. Throws
 * POLICY_UNSIGNED where the set names operators and that is none of them.
 */
export async function ensureActive(
	log: Log,
	wanted: {
		readonly layout: Layout;
		readonly policies: LoadedPolicies;
		readonly by: string;
		readonly signer: Signer | null;
	},
): Promise<boolean> {
	const { layout, policies, signer } = wanted;
	const { digest, trust } = policies.compiled;
	const by = signer?.key.name ?? wanted.by;
	// The last one may have been refused, or be a proposal.
	const isLast = (await latestActivation(log))?.digest === digest;
	if (isLast && policyAhead(await policyStanding(log, layout, 0)).digest === digest) return false;
	const lockout = lockoutProblem(trust, { by, signer });
	if (lockout !== null) throw new AssentError(lockout);
	await activatePolicies(log, { layout, sources: policies.sources, digest, by, signer, now: systemClock.now() });
	return true;
}
