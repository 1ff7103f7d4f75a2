/**
 * `assent dev`: every role that exists, in one process on an embedded log. Policy files are watched: a good edit is put into
 * force, a bad one is reported with its place and the last good policies stay.
 */
import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { AssentError, Problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import type { Log } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { assertOwn } from "../processor/history.ts";
import type { MetricsAddress } from "./config.ts";
import { ensureActive, Node, newInstance } from "./node.ts";
import { type LoadedPolicies, loadPolicies } from "./policies.ts";
import { topicSpecs } from "./topics.ts";

export interface DevOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly policies: LoadedPolicies;
	readonly snapshotEvery: number;
	readonly telemetry: Telemetry;
	/** Where metrics and health are served; nowhere by default. */
	readonly metrics?: MetricsAddress | null;
}

/** A node that runs until it is stopped, or superseded. */
export interface DevNode {
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

/** Throws ASSENT_LOG_OTHER where the ledger was made anew beside what was derived from it. */
export async function startDev(of: DevOptions): Promise<DevNode> {
	const { log, layout, policies, telemetry } = of;
	const instance = newInstance();
	await log.admin().createTopics(topicSpecs(layout));
	await assertOwn(log);
	const isActivated = await ensureActive(log, { layout, policies, by: BY });
	const { snapshotEvery, metrics = null } = of;
	const node = await Node.make({ log, instance, layout, telemetry, snapshotEvery, metrics });
	await node.processor.start();
	const { processor, metricsAddress } = node;
	return { instance, isActivated, metricsAddress, ended: processor.ended, stop: () => node.stop() };
}

export interface PolicyWatch {
	readonly onActivated: (policies: LoadedPolicies) => void;
	readonly onRefused: (problems: readonly Problem[]) => void;
}

const SETTLE_MS = 100;

/** Watches policy files and folders until the signal aborts. Editors that replace files are followed: folders are watched. */
export function watchPolicies(
	of: { log: Log; layout: Layout; paths: readonly string[]; files: readonly string[]; signal: AbortSignal },
	listener: PolicyWatch,
): void {
	const { log, layout, paths, files, signal } = of;
	let timer: NodeJS.Timeout | undefined;
	let busy: Promise<void> = Promise.resolve();
	const reload = async (): Promise<void> => {
		const loaded = await loadPolicies(paths, layout.budgetRoot);
		if (!loaded.ok) {
			listener.onRefused(loaded.error);
			return;
		}
		if (await ensureActive(log, { layout, policies: loaded.value, by: BY })) listener.onActivated(loaded.value);
	};
	const names = new Set(files.map((file) => basename(file)));
	for (const folder of new Set([...files.map(dirname), ...paths.filter((path) => !files.includes(path))])) {
		const watcher = watch(folder, { signal }, (_event, name) => {
			if (name !== null && !names.has(name) && !/\.ya?ml$/.test(name)) return;
			clearTimeout(timer);
			timer = setTimeout(() => {
				busy = busy.then(reload).catch(() => {});
			}, SETTLE_MS);
		});
		watcher.on("error", () => {});
	}
}
