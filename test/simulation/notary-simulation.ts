/**
 * Notaries under faults, from a seed: they are killed wherever something survives them, run two at a time on one state, find an older
 * state or folder than they left, and a log that was cut or written anew. What was let out, ever, is held against itself, and is what an
 * auditor takes for the work of a notary, wherever that was ended.
 */
import type { Finding } from "../../src/core/audit/finding.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import type { Notary } from "../../src/notary/notary.ts";
import { verifyAnchor } from "../../src/verify/anchor.ts";
import { signedOnLog } from "../../src/verify/signed-on-log.ts";
import { verifyUnanchored } from "../../src/verify/unanchored.ts";
import {
	CutLog,
	type Danger,
	Disk,
	type Head,
	headIn,
	Killed,
	NAME,
	noDanger,
	noteIn,
	publishedLeaves,
	rootsOf,
	signedHeads,
	startNotary,
} from "../support/notary-world.ts";

export interface NotaryRun {
	readonly findings: readonly string[];
	readonly counts: Readonly<Record<string, number>>;
}

export async function simulateNotary(seed: number, { isBlind = false } = {}): Promise<NotaryRun> {
	const run = new Run(seed, isBlind);
	await run.play();
	return { findings: run.findings, counts: run.counts };
}

class Run {
	readonly findings: string[] = [];
	readonly counts: Record<string, number> = {};
	readonly #draw: () => number;
	readonly #log = new CutLog();
	readonly #disk: Disk;
	readonly #partitions: number;
	/** Every sequence of leaves that a partition had when it was cut, and at the end. */
	readonly #histories: (readonly Uint8Array[])[][];
	readonly #anchors: (readonly Uint8Array[])[] = [];
	readonly #backups: ReturnType<Disk["copy"]>[] = [];
	#living: Notary[] = [];
	#leaf = 0;
	/** The log is not what it was: an auditor has something to find. */
	#isCut = false;

	constructor(seed: number, isBlind: boolean) {
		this.#draw = drawsOf(seed);
		this.#disk = new Disk({ isBlind });
		this.#partitions = 1 + this.#below(3);
		this.#histories = Array.from({ length: this.#partitions }, () => []);
		this.#disk.onCheckpoint = (path, text) => this.#looked(path, headIn(text));
	}

	#below(count: number): number {
		return Math.floor(this.#draw() * count);
	}

	#count(what: string): void {
		this.counts[what] = (this.counts[what] ?? 0) + 1;
	}

	async play(): Promise<void> {
		const steps = 15 + this.#below(40);
		for (let step = 0; step < steps; step++) await this.#step();
		// Whoever comes after all this, and is not killed, goes on or refuses.
		this.#living = [];
		await this.#start(noDanger);
		for (const notary of this.#living) if (await this.#work(notary)) this.#count("ended well");
		for (let partition = 0; partition < this.#partitions; partition++) this.#keepHistory(partition);
		this.#check();
		await this.#audit();
		await this.#takeAnchors();
	}

	async #step(): Promise<void> {
		this.#log.now += this.#below(3);
		const drawn = this.#draw();
		if (drawn < 0.3) this.#append();
		else if (drawn < 0.5 && this.#living.length < 2) await this.#start(this.#danger(0.01));
		else if (drawn < 0.75) await this.#workOne();
		else if (drawn < 0.87) await this.#workAll();
		else if (drawn < 0.91) this.#backups.push(this.#disk.copy());
		else if (drawn < 0.95) this.#putBack();
		else if (drawn < 0.97) this.#cut();
		else this.#living.splice(this.#below(2), 1);
	}

	#append(): void {
		const partition = this.#below(this.#partitions);
		const count = this.#draw() < 0.1 ? 250 + this.#below(20) : 1 + this.#below(5);
		const values = Array.from({ length: count }, () => new TextEncoder().encode(`leaf ${++this.#leaf}`));
		const isVoid = this.#draw() < 0.15;
		this.#log.appendEntries(partition, values, isVoid);
		if (isVoid) this.#count("void appends");
	}

	/** Another turn for others at each place, and now and then the end. */
	#danger(death: number): Danger {
		return async (place) => {
			for (let turns = this.#below(4); turns > 0; turns--) await Promise.resolve();
			this.#log.now += this.#below(2);
			if (this.#draw() < 0.01) this.#append();
			if (this.#draw() >= death) return;
			this.#count(`killed ${place}`);
			throw new Killed();
		};
	}

	async #start(danger: Danger): Promise<void> {
		await this.#survives(async () => {
			const isOut = (): boolean => danger !== noDanger && this.#draw() < 0.05;
			const options = { partitions: this.#partitions, danger, isOut };
			this.#living.push(await startNotary(this.#log, this.#disk, options));
		});
	}

	async #workOne(): Promise<void> {
		const notary = this.#living[this.#below(this.#living.length)];
		if (notary !== undefined) await this.#work(notary);
	}

	async #workAll(): Promise<void> {
		if (this.#living.length > 1) this.#count("two at once");
		await Promise.all(this.#living.map((notary) => this.#work(notary)));
	}

	async #work(notary: Notary): Promise<boolean> {
		const isAlive = await this.#survives(async () => {
			await notary.read();
			await notary.sign();
		});
		if (!isAlive) this.#living = this.#living.filter((one) => one !== notary);
		return isAlive;
	}

	async #survives(work: () => Promise<void>): Promise<boolean> {
		try {
			await work();
			return true;
		} catch (thrown) {
			if (thrown instanceof Killed) {
				await this.#audit();
				return false;
			}
			if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE") {
				this.#count("broker away");
				return true;
			}
			if (!(thrown instanceof AssentError) || !thrown.code.startsWith("ASSENT_NOTARY_")) throw thrown;
			this.#count(thrown.code);
			return false;
		}
	}

	/** The machine is put back from a backup, as a whole or in part; nobody survives that. */
	#putBack(): void {
		const backup = this.#backups[this.#below(this.#backups.length)];
		if (backup === undefined) return;
		this.#living = [];
		const what = this.#below(3);
		if (what !== 0) this.#disk.files = new Map(backup.files);
		if (what !== 1) this.#disk.versions = new Map(backup.versions);
		this.#count("put back");
	}

	#cut(): void {
		const partition = this.#below(this.#partitions);
		const { length } = this.#log.of({ topic: "decisions", partition });
		if (length === 0) return;
		this.#keepHistory(partition);
		this.#log.cut(partition, this.#below(length));
		this.#isCut = true;
		this.#count("cut");
		if (this.#draw() < 0.7) this.#append();
	}

	#keepHistory(partition: number): void {
		this.#histories[partition]?.push(this.#log.leaves(partition));
	}

	/** A reader who takes a checkpoint from the folder finds there what it needs. */
	#looked(path: string, { origin, size, root }: Head): void {
		const prefix = path.slice(0, -"/checkpoint".length);
		const leaves = publishedLeaves(this.#disk, prefix, size);
		if (rootsOf(leaves).at(-1) !== root || leaves.length !== size)
			this.findings.push(`${origin} is published with ${size} leaves, and the folder has other ones`);
		if (prefix === "anchor") this.#anchors.push(leaves);
	}

	#check(): void {
		const heads = signedHeads(this.#log, this.#disk);
		this.#addCount("signed", new Set(heads.map(({ origin, size }) => `${origin} ${size}`)).size);
		const roots = new Map<string, string>();
		for (const { origin, size, root } of heads) {
			const name = `${origin} ${size}`;
			if ((roots.get(name) ?? root) !== root) this.findings.push(`fork: ${name} was signed with two roots`);
			roots.set(name, root);
		}
		for (const [partition, histories] of this.#histories.entries()) {
			const signed = heads.filter(({ origin }) => origin === `${NAME}/decisions/${partition}`);
			if (!isOneChain(signed, histories))
				this.findings.push(`fork: partition ${partition} has no history with all roots`);
		}
		const largest = Math.max(0, ...this.#anchors.map(({ length }) => length));
		const anchored = heads.filter(({ origin, size }) => origin === `${NAME}/anchor` && size <= largest);
		if (!isOneChain(anchored, this.#anchors)) this.findings.push("fork: no anchor has all roots");
	}

	/** What an auditor makes of the checkpoints that are on the log now. */
	async #audited(): Promise<{ readonly codes: readonly string[]; readonly waiting: number }> {
		const codes: string[] = [];
		const found = ({ code }: Finding): void => void codes.push(code);
		const log = this.#log.open(noDanger);
		const all = Array.from({ length: this.#partitions }, (_, partition) =>
			signedOnLog(log, partition, { log: null, witnesses: [] }, found),
		);
		const notes = await Promise.all(all);
		const signedAt = notes.map((each, partition) => {
			const size = Math.max(0, ...each.map((note) => (note.of === partition ? note.size : 0)));
			return this.#log.entries(partition)[size - 1]?.timestamp ?? null;
		});
		const { rest } = verifyAnchor({ notes, others: [], found });
		const until = this.#log.now;
		const waiting = verifyUnanchored({ notes: rest ?? [], signedAt, until, clocksApartMs: 0, found });
		return { codes, waiting: waiting?.count ?? 0 };
	}

	/** Wherever notaries end, what they have published is theirs, and what has no anchor yet is of one round. */
	async #audit(): Promise<void> {
		if (this.#isCut) return;
		const { codes, waiting } = await this.#audited();
		if (waiting > 0) this.#count("checkpoints without an anchor");
		for (const code of codes) this.findings.push(`an auditor finds ${code}, and nobody has changed anything`);
	}

	/** Somebody takes out the last checkpoints of the anchor: it is found where there are two of one partition that they have held. */
	async #takeAnchors(): Promise<void> {
		if (this.#isCut) return;
		const isAnchor = (value: Uint8Array): boolean => headIn(noteIn(value)).origin === `${NAME}/anchor`;
		const sizes = [...new Set(signedHeads(this.#log, new Disk()).flatMap(anchorSize))].sort((one, next) => one - next);
		if (sizes.length < 3) return;
		const kept = sizes[this.#below(sizes.length - 1)] as number;
		const lanes = Array.from({ length: this.#partitions }, (_, partition) =>
			this.#log.of({ topic: "checkpoints", partition }),
		);
		for (const lane of lanes) {
			const left = lane.filter(({ value }) => !isAnchor(value) || headIn(noteIn(value)).size <= kept);
			lane.splice(0, lane.length, ...left.map((record, offset) => ({ ...record, offset })));
		}
		const { codes, waiting } = await this.#audited();
		this.#count(codes.length > 0 ? "anchors missed" : "anchors not missed");
		if (codes.some((code) => code !== "anchor.missing"))
			this.findings.push(`anchors were taken out, and an auditor finds ${codes.join()}`);
		const isCertain = (sizes.at(-1) as number) - kept > this.#partitions;
		if (isCertain && codes.length === 0)
			this.findings.push(`anchors were taken out, and an auditor takes ${waiting} checkpoints for those of one round`);
	}

	#addCount(what: string, count: number): void {
		this.counts[what] = (this.counts[what] ?? 0) + count;
	}
}

const anchorSize = ({ origin, size }: Head): readonly number[] => (origin === `${NAME}/anchor` ? [size] : []);

/** Is there one sequence of leaves of which all these are roots? Trees that are consistent have one. */
function isOneChain(heads: readonly Head[], histories: readonly (readonly Uint8Array[])[]): boolean {
	if (heads.length === 0) return true;
	return histories.some((leaves) => {
		const roots = rootsOf(leaves);
		return heads.every(({ size, root }) => roots[size] === root);
	});
}

/** Mulberry32. */
function drawsOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
