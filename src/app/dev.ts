/**
 * `assent dev`: every role that exists, in one process on an embedded log. Policy files are watched: a good edit is put into
 * force, a bad one is reported with its place and the last good policies stay.
 */

import { randomUUID } from "node:crypto";
import { watch } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import type { AssentError, Problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import { systemClock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { Processor } from "../processor/processor.ts";
import { activatePolicies, type LoadedPolicies, latestActivation, loadPolicies } from "./policies.ts";
import { topicSpecs } from "./topics.ts";

export interface DevOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly policies: LoadedPolicies;
	readonly snapshotEvery: number;
	readonly telemetry: Telemetry;
}

/** A node that runs until it is stopped, or superseded. */
export interface DevNode {
	readonly instance: string;
	/** Whether starting put the policies into force; false: they were in force already. */
	readonly isActivated: boolean;
	/** Null after `stop`; else why this process decides no more. */
	readonly ended: Promise<AssentError | null>;
	stop(): Promise<void>;
}

export async function startDev(of: DevOptions): Promise<DevNode> {
	const { log, layout, policies, telemetry } = of;
	const instance = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
	await log.admin().createTopics(topicSpecs(layout));
	const isActivated = await ensureActive(log, layout, policies);
	const processor = new Processor({
		log,
		instance,
		layout,
		clock: systemClock,
		telemetry,
		snapshotEvery: of.snapshotEvery,
	});
	await processor.start();
	return { instance, isActivated, ended: processor.ended, stop: () => processor.drain() };
}

/** Activates only when another bundle is in force: starting again is no change of policy. */
async function ensureActive(log: Log, layout: Layout, policies: LoadedPolicies): Promise<boolean> {
	const { digest } = policies.compiled;
	if ((await latestActivation(log))?.digest === digest) return false;
	await activatePolicies(log, { layout, sources: policies.sources, digest, by: "assent dev", now: systemClock.now() });
	return true;
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
		if (await ensureActive(log, layout, loaded.value)) listener.onActivated(loaded.value);
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
