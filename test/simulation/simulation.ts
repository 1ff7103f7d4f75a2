/**
 * A whole deployment in one thread, run from a seed: two or three processors on one log, agents, operators, and whatever can
 * go wrong between them. When it is over the checker and the recomputation must find nothing.
 */
import type { MemoryFault } from "../../src/adapters/memory/faults.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import { HOUR, MINUTE } from "../../src/core/model/units.ts";
import { type CheckReport, checkLog } from "../support/checker.ts";
import { recompute } from "../support/recompute.ts";
import { LogWorld } from "../support/world.ts";
import { Agents } from "./agents.ts";
import { type Plant, SimulatedProcess } from "./process.ts";
import { randomOf, VirtualTime } from "./virtual-time.ts";

const LAYOUT: Layout = { partitions: 2, budgetRoot: "tenant/agent", dedupeMs: 10 * MINUTE, sessionMs: HOUR / 2 };
const EPOCH = 1_700_000_000_000;

export interface SimulationResult {
	readonly findings: readonly string[];
	readonly counts: CheckReport["counts"];
	readonly restoredFromSnapshot: number;
	readonly entriesBy: Readonly<Record<string, number>>;
	readonly marks: { readonly late: number; readonly ahead: number };
}

export async function simulate(
	seed: number,
	of: { readonly steps?: number; readonly plant?: Plant } = {},
): Promise<SimulationResult> {
	const time = new VirtualTime();
	const random = randomOf(seed);
	time.install(randomOf(seed + 1));
	try {
		return await new Simulation(seed, time, random, of.plant ?? ((log) => log)).run(of.steps ?? 60);
	} finally {
		time.uninstall();
	}
}

class Simulation {
	readonly #time: VirtualTime;
	readonly #random: () => number;
	readonly #plant: Plant;
	readonly #world: LogWorld;
	readonly #agents: Agents;
	readonly #processes: SimulatedProcess[] = [];
	readonly #all: SimulatedProcess[] = [];
	readonly #ownership: "group" | "believer";
	readonly #snapshotEvery: number;
	/** How far the broker's clock is off. */
	#brokerOff = 0;
	#faultRate: number;
	/** The disk is full until then. */
	#fullUntil = 0;

	constructor(seed: number, time: VirtualTime, random: () => number, plant: Plant) {
		this.#time = time;
		this.#random = random;
		this.#plant = plant;
		this.#world = new LogWorld({
			layout: LAYOUT,
			clock: { now: () => EPOCH + Math.floor(time.now) + this.#brokerOff },
			store: { mismatched: seed % 2 === 0 ? "refused" : "written" },
		});
		this.#agents = new Agents(this.#world, random);
		this.#ownership = seed % 3 === 0 ? "believer" : "group";
		this.#snapshotEvery = [5, 30, 100_000][seed % 5 > 2 ? 2 : seed % 5] as number;
		this.#faultRate = [0, 0.02, 0.1, 0.25][seed % 4] as number;
	}

	async run(steps: number): Promise<SimulationResult> {
		await this.#agents.begin();
		await this.#start();
		for (let step = 0; step < steps; step++) {
			await this.#agents.act();
			await this.#mishap();
			await this.#time.advance(this.#pace());
		}
		return this.#settle();
	}

	async #mishap(): Promise<void> {
		const dice = this.#random();
		if (dice < 0.04) this.#crash();
		else if (dice < 0.06) void this.#processes.shift()?.processor.drain();
		else if (dice < 0.09) this.#brokerOff += Math.round((this.#random() - 0.4) * 20_000);
		else if (dice < 0.1) this.#brokerOff = 0;
		else if (dice < 0.11) this.#brokerOff = 360_000;
		else if (dice < 0.13) this.#fullUntil = this.#time.now + 3_000;
		const isCrowded = this.#processes.length >= 3;
		if (this.#processes.length === 0 || (!isCrowded && this.#random() < 0.06)) await this.#start();
	}

	#pace(): number {
		const dice = this.#random();
		if (dice < 0.03) return 30_000 + this.#random() * 200_000;
		if (dice < 0.15) return this.#random() * 5_000;
		return this.#random() * 40;
	}

	#crash(): void {
		const at = Math.floor(this.#random() * this.#processes.length);
		this.#processes.splice(at, 1)[0]?.kill();
	}

	async #start(): Promise<void> {
		const dice = this.#random();
		const off = dice < 0.8 ? Math.round((dice - 0.4) * 4_000) : dice < 0.9 ? -400_000 : 0;
		await this.#startOne(off, this.#ownership, () => this.#fault());
	}

	async #startOne(off: number, ownership: "group" | "believer", fault: () => MemoryFault | null): Promise<void> {
		const one = new SimulatedProcess({
			world: this.#world,
			name: `p${this.#all.length}`,
			clock: { now: () => EPOCH + Math.floor(this.#time.now) + off },
			faults: fault,
			snapshotEvery: this.#snapshotEvery,
			ownership,
			hearsAfter: () => {
				const dice = this.#random();
				if (dice < 0.3) return null;
				return dice < 0.6 ? Promise.resolve() : this.#time.sleep(this.#random() * 5_000);
			},
			plant: this.#plant,
		});
		this.#processes.push(one);
		this.#all.push(one);
		await one.processor.start();
	}

	#fault(): MemoryFault | null {
		if (this.#time.now < this.#fullUntil) return { kind: "full" };
		if (this.#random() >= this.#faultRate) return null;
		const until = this.#time.sleep(this.#random() * (this.#random() < 0.8 ? 50 : 3_000));
		const faults: readonly MemoryFault[] = [
			{ kind: "lost" },
			{ kind: "unanswered" },
			{ kind: "late", until },
			{ kind: "delayed", until },
			{ kind: "answered-late", until },
			{ kind: "doubled" },
			{ kind: "full" },
		];
		return faults[Math.floor(this.#random() * faults.length)] as MemoryFault;
	}

	/** Faults end, one good processor takes over, and everything must be well within 30 s. */
	async #settle(): Promise<SimulationResult> {
		this.#faultRate = 0;
		this.#fullUntil = 0;
		this.#brokerOff = 0;
		await this.#agents.settle();
		for (const each of this.#processes.splice(0)) each.kill();
		await this.#startOne(0, "group", () => null);
		await this.#time.advance(30_000);
		const [last] = this.#processes;
		if (last !== undefined) await this.#time.until(last.processor.drain(), 10_000);

		const findings: string[] = [];
		for (const each of this.#all) {
			for (const facts of each.heard.said("processor.failed")) findings.push(`a processor failed: ${facts["why"]}`);
		}
		const report = await checkLog(this.#world.log, { layout: LAYOUT });
		findings.push(...report.findings);
		const again = await recompute(this.#world.log, LAYOUT);
		if (again.firstDifference !== null) findings.push(again.firstDifference);
		return {
			findings,
			counts: report.counts,
			restoredFromSnapshot: this.#all.reduce((sum, each) => sum + each.restoredFromSnapshot, 0),
			...(await this.#tally()),
		};
	}

	async #tally(): Promise<Pick<SimulationResult, "entriesBy" | "marks">> {
		const entriesBy: Record<string, number> = {};
		const marks = { late: 0, ahead: 0 };
		for (let partition = 0; partition < LAYOUT.partitions; partition++) {
			for (const entry of await this.#world.entries(partition)) {
				const ends = entry.kind === "usage.settled" ? [`${entry.kind} ${entry.status}`] : [];
				const codes = entry.kind === "input.rejected" ? [`${entry.kind} ${entry.code}`] : reasonsOf(entry);
				const effects = entry.effects.map((effect) => `effect ${effect.kind}`);
				for (const name of [entry.kind, ...codes, ...ends, ...effects]) entriesBy[name] = (entriesBy[name] ?? 0) + 1;
				if (entry.late) marks.late += 1;
				if (entry.ahead) marks.ahead += 1;
			}
		}
		return { entriesBy, marks };
	}
}

/** Of the denials by the engine's own rules. */
const reasonsOf = (entry: LedgerEntry): string[] =>
	entry.kind === "decision.made"
		? entry.decision.reasons.filter(({ rule }) => rule.policy === "").map(({ rule }) => `${entry.kind} ${rule.code}`)
		: [];
