/**
 * Policies that follow their files: what the files say is in force, or it has been told why not.
 *
 * The files are read again and again, and their texts compared: whatever a file system, a mount or an editor does (links
 * swapped, folders replaced, files renamed over), and whether or not anybody is told of it, the texts are there or they
 * are not. A state counts once it was read the same twice, so that half a file is not put into force.
 */
import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { DurationMs } from "../core/model/units.ts";
import { compileFiles, type LoadedPolicies } from "./policies.ts";
import { type PolicyFiles, readPolicyFiles } from "./policy-files.ts";

export interface WatchedPolicies {
	readonly paths: readonly string[];
	readonly budgetRoot: BudgetRoot;
	/** What the files said when they were put into force. */
	readonly inForce: LoadedPolicies;
	/** Ends the watch. */
	readonly signal: AbortSignal;
	/** `DEFAULT_PACE` where it is not said. */
	readonly pace?: Pace;
}

export interface Pace {
	/** How often the files are looked at. */
	readonly lookEveryMs: DurationMs;
	/** How long a change must last. */
	readonly settleMs: DurationMs;
	/** A reading that took long is followed by a rest of this many times that: a slow disk is not read all the time. */
	readonly restFactor: number;
	/** How long that rest is at the most. */
	readonly restMaxMs: DurationMs;
}

export interface PolicyWatch {
	/** Puts policies into force; false where they are already. What it throws is told, and it is tried again. */
	readonly activate: (policies: LoadedPolicies) => Promise<boolean>;
	readonly onActivated: (policies: LoadedPolicies) => void;
	/** What is in force stays. Told once for each way in which the files are bad, and for each reason why nothing can be activated. */
	readonly onRefused: (problems: readonly Problem[]) => void;
	/** After a refusal: the files say again what is in force. */
	readonly onGood: (policies: LoadedPolicies) => void;
}

const DEFAULT_PACE: Pace = { lookEveryMs: 250, settleMs: 100, restFactor: 20, restMaxMs: 1_000 };

/** Resolves when the signal has aborted. Never rejects. */
export async function watchPolicies(watched: WatchedPolicies, watch: PolicyWatch): Promise<void> {
	const follower = new Follower(watched, watch);
	const { lookEveryMs, restFactor, restMaxMs } = watched.pace ?? DEFAULT_PACE;
	while (!watched.signal.aborted) {
		await follower.look();
		// Reading is all that is rested for: not the pause until a change has settled, nor putting it into force.
		const restMs = Math.max(lookEveryMs, Math.min(restMaxMs, follower.readingMs * restFactor));
		await pause(restMs, null, { signal: watched.signal }).catch(() => {});
	}
}

/** What can be read only once, such as a pipe; null where there is nothing of the kind. */
export async function unwatchable(paths: readonly string[]): Promise<string | null> {
	for (const path of paths) {
		const found = await stat(path).catch(() => null);
		if (found !== null && !found.isFile() && !found.isDirectory()) return path;
	}
	return null;
}

class Follower {
	readonly #watched: WatchedPolicies;
	readonly #watch: PolicyWatch;
	/** The state of the files that was acted upon. */
	#seen: string;
	/** The refusal that was told last; null: the files say what is in force. */
	#told: string | null = null;
	/** Activating failed: tried again although the files are the same. */
	#isPending = false;
	/** How long the last reading of the files took. */
	readingMs: DurationMs = 0;

	constructor(watched: WatchedPolicies, watch: PolicyWatch) {
		this.#watched = watched;
		this.#watch = watch;
		this.#seen = keyOf({ sources: watched.inForce.sources, problems: [] });
	}

	async look(): Promise<void> {
		const files = await this.#settled();
		const key = keyOf(files);
		if (this.#watched.signal.aborted || (key === this.#seen && !this.#isPending)) return;
		this.#seen = key;
		this.#isPending = false;
		const loaded = compileFiles(files, this.#watched.budgetRoot);
		if (loaded.ok) await this.#follow(loaded.value);
		else this.#refuse(loaded.error);
	}

	async #follow(policies: LoadedPolicies): Promise<void> {
		try {
			const isActivated = await this.#watch.activate(policies);
			if (isActivated) this.#watch.onActivated(policies);
			else if (this.#told !== null) this.#watch.onGood(policies);
			this.#told = null;
		} catch (thrown) {
			this.#isPending = true;
			if (!this.#watched.signal.aborted) this.#refuse([problemOf(thrown)]);
		}
	}

	#refuse(problems: readonly Problem[]): void {
		const told = JSON.stringify(problems);
		if (told === this.#told) return;
		this.#told = told;
		this.#watch.onRefused(problems);
	}

	/** The files as they are, once they were the same twice. */
	async #settled(): Promise<PolicyFiles> {
		const { paths, signal, pace = DEFAULT_PACE } = this.#watched;
		let files = await this.#read(paths);
		if (keyOf(files) === this.#seen) return files;
		while (!signal.aborted) {
			await pause(pace.settleMs, null, { signal }).catch(() => {});
			const again = await this.#read(paths);
			if (keyOf(again) === keyOf(files)) break;
			files = again;
		}
		return files;
	}

	async #read(paths: readonly string[]): Promise<PolicyFiles> {
		const startedAt = performance.now();
		const files = await readPolicyFiles(paths);
		this.readingMs = performance.now() - startedAt;
		return files;
	}
}

const keyOf = ({ sources, problems }: PolicyFiles): string => JSON.stringify([sources, problems]);

const problemOf = (thrown: unknown): Problem =>
	thrown instanceof AssentError ? thrown.problem : problem("ASSENT_INTERNAL", String(thrown), "it is tried again");
