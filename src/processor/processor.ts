/**
 * A processor: a member of the group that shares the partitions. Assignment is for liveness alone; what makes a decision
 * count is the claim in the ledger.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import type { PublicKey } from "../core/model/signing-keys.ts";
import type { DurationMs, Offset } from "../core/model/units.ts";
import type { CompiledTrust } from "../core/policy/trust.ts";
import type { Clock } from "../ports/clock.ts";
import type { LedgerFolder } from "../ports/ledger-folder.ts";
import { type Assignment, type Log, REBALANCED, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { type Meter, silentMeter } from "../ports/meter.ts";
import { pause } from "../ports/pause.ts";
import type { PolicyCompiler } from "../ports/policy-compiler.ts";
import type { PolicyReviewer } from "../ports/policy-reviewer.ts";
import type { Signer, VerifierOf } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { APPEND_BYTES_MAX } from "../publishing/append-bounds.ts";
import { assertKeyPublished } from "../publishing/token-keys.ts";
import type { PolicyKeys } from "../reading/bundle-signature.ts";
import { LogCatalogue } from "../reading/catalogue.ts";
import { keyCheckInForce } from "../reading/control-fold.ts";
import { Signers } from "../reading/signers.ts";
import { type Lag, lagOf } from "./lag.ts";
import { Mint } from "./minting.ts";
import { Partition } from "./partition.ts";
import { type KnownLedger, UNKNOWN_LEDGER } from "./partition-context.ts";
import { Reviews } from "./reviews.ts";
import { ShapeWatch } from "./shape-watch.ts";
import { LOOK_MS, StallWatch } from "./stall.ts";
import { type PartitionStatus, type ProcessorStatus, Standing } from "./status.ts";
import type { Look } from "./tenure.ts";

export interface ProcessorOptions {
	readonly log: Log;
	/** Unique name of this process. */
	readonly instance: string;
	readonly layout: Layout;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	/** Counts and times for operators; default nobody listens. */
	readonly meter?: Meter;
	readonly snapshotEvery?: number;
	/** Whose signature bundles of policies must have; default nobody's. */
	readonly policyKeys?: PolicyKeys;
	/** Checks signatures by the keys that policies believe. */
	readonly verifierOf: VerifierOf;
	/** Folds long ledgers beside deciding; default: each partition reads its own. */
	readonly folder?: LedgerFolder | null;
	/** Compiles sets beside deciding; default: where they are needed. */
	readonly compiler?: PolicyCompiler;
	/** Asked whether an activation needs a second operator; default: none does, unless its record says so. */
	readonly reviewer?: PolicyReviewer;
	/** Signs the tokens of allows; default nobody: replies carry none. */
	readonly tokenSigner?: Signer | null;
	/** Publishes the key of `tokenSigner` in an operator's name, where the policies name operators; default nobody. */
	readonly operatorSigner?: Signer | null;
	/** How often it looks whether topics were given other numbers of partitions; default half a minute. */
	readonly shapeEveryMs?: DurationMs;
}

const GROUP = "processor";
/** How long a drain waits for a group that is still being joined. */
const JOINING_MS: DurationMs = 1_000;

export class Processor {
	readonly #options: ProcessorOptions;
	readonly #catalogue: LogCatalogue;
	readonly #reviews: Reviews;
	readonly #mint: Mint | null;
	readonly #signers: Signers;
	readonly #partitions = new Map<number, Partition>();
	readonly #standings = new Map<number, Standing>();
	/** Of every partition that was ever assigned here. */
	readonly #known = new Map<number, KnownLedger>();
	/** Partitions that were lost and still finish what was in flight. */
	readonly #leaving = new Set<Promise<void>>();
	readonly #stalls: StallWatch;
	readonly #shape: ShapeWatch;
	/** Ends the watch for partitions that stand still. */
	readonly #unwatched = new AbortController();
	#assignment: Promise<Assignment> | null = null;
	#isMember = false;
	#groupFault: AssentError | null = null;
	#isDraining = false;
	#hasFailed = false;
	#isEnded = false;
	#end: (failure: AssentError | null) => void = () => {};
	/** Resolves with null after `drain`, with the reason when this process cannot go on (superseded, layout, log lost). */
	readonly ended: Promise<AssentError | null>;

	constructor(options: ProcessorOptions) {
		this.#options = options;
		this.#catalogue = new LogCatalogue({
			log: options.log,
			budgetRoot: options.layout.budgetRoot,
			telemetry: options.telemetry,
			...(options.policyKeys === undefined ? {} : { policyKeys: options.policyKeys }),
			...(options.compiler === undefined ? {} : { compiler: options.compiler }),
		});
		this.#reviews = new Reviews({
			reviewer: options.reviewer ?? null,
			catalogue: this.#catalogue,
			budgetRoot: options.layout.budgetRoot,
			telemetry: options.telemetry,
		});
		const { tokenSigner = null } = options;
		this.#mint = tokenSigner === null ? null : new Mint(tokenSigner);
		this.#signers = new Signers(options.verifierOf);
		this.#stalls = new StallWatch(options.log);
		this.#shape = new ShapeWatch(options.log, options.layout.partitions, options.shapeEveryMs);
		this.ended = new Promise((resolve) => {
			this.#end = (failure) => {
				this.#isEnded = true;
				this.#unwatched.abort();
				resolve(failure);
			};
		});
	}

	/** Throws ASSENT_CONFIG, and what the log throws, where the key that tokens are signed with cannot be published. */
	async start(): Promise<void> {
		const { log, instance, tokenSigner = null } = this.#options;
		// Before anything is signed with it, so that no executor meets a key that it cannot know.
		if (tokenSigner !== null) await this.#publishKey(tokenSigner.key);
		this.#assignment = log.assign(GROUP, instance, {
			onAssigned: (partitions) => this.#assigned(partitions),
			onLost: (partitions, why) => this.#lost(partitions, why),
			onSuperseded: (why) => void this.#superseded(why),
			onFault: (fault) => this.#faulted(fault),
			consumed: () => this.#consumed(),
		});
		await this.#assignment;
		this.#isMember = !this.#isDraining;
		void this.#watch();
	}

	async #publishKey(key: PublicKey): Promise<void> {
		const { log, layout, instance, operatorSigner = null, clock, verifierOf } = this.#options;
		const now = clock.now();
		await assertKeyPublished(log, key, {
			by: operatorSigner?.key.name ?? instance,
			signer: operatorSigner,
			now,
			checkInForce: () => keyCheckInForce({ log, layout, verifierOf, now }),
		});
	}

	/** Looks now and then whether a partition stands still, and tells it once. */
	async #watch(): Promise<void> {
		const { log, clock, telemetry } = this.#options;
		const told = new Set<number>();
		for (const { signal } = this.#unwatched; !signal.aborted; await pause(LOOK_MS, signal)) {
			const { partitions } = this.status();
			// A log that does not answer is reported where the answer is needed.
			await this.#stalls.look(partitions, clock.now()).catch(() => {});
			const altered = await this.#shape.look().catch(() => null);
			if (altered !== null) telemetry.error("topic.altered", { code: altered.code, why: altered.message });
			for (const { partition, stalledSince } of this.status().partitions) {
				if (stalledSince === undefined) told.delete(partition);
				else if (!told.has(partition)) {
					told.add(partition);
					telemetry.error("partition.stalled", {
						partition,
						since: new Date(stalledSince).toISOString(),
						log: log.url,
					});
				}
			}
		}
	}

	/** Where this process and its partitions stand now. */
	status(): ProcessorStatus {
		const partitions = [...this.#partitions.keys()]
			.sort((a, b) => a - b)
			.flatMap((partition) => this.#standings.get(partition)?.status() ?? [])
			.map((status) => this.#withStall(status));
		const fault = this.#groupFault ?? this.#shape.fault;
		return {
			partitions,
			isMember: this.#isMember && fault === null,
			isDraining: this.#isDraining,
			isEnded: this.#isEnded,
			...(fault === null ? {} : { why: `${fault.code}: ${fault.message}` }),
		};
	}

	#withStall(status: PartitionStatus): PartitionStatus {
		const stalledSince = this.#stalls.stalledSince(status, this.#options.clock.now());
		return stalledSince === null ? status : { ...status, stalledSince, why: "inputs wait and none is taken" };
	}

	/** Of partitions that decide: what a claim or a restore says of them is not known yet. */
	#consumed(): readonly (TopicPartition & { readonly offset: Offset })[] {
		const deciding = this.status().partitions.filter(({ phase }) => phase === "deciding");
		return deciding.flatMap(({ partition, consumed }) => [
			{ topic: TOPICS.intents, partition, offset: consumed.intents },
			{ topic: TOPICS.control, partition, offset: consumed.control },
		]);
	}

	/**
	 * How many records the assigned partitions have not consumed, by topic. More than there are to decide while a partition
	 * restores for the first time. Throws when the log cannot be asked.
	 */
	lag(): Promise<readonly Lag[]> {
		return lagOf(this.#options.log, this.status().partitions);
	}

	/** What `look` sees of a partition's state, between two appends; undefined where this process does not own it. */
	async inspect<Seen>(partition: number, look: Look<Seen>): Promise<Seen | undefined> {
		return this.#partitions.get(partition)?.inspect(look);
	}

	/** Whose keys the policies in force believe; null: everybody's. Undefined where none is in force that this process has compiled. */
	async trust(): Promise<CompiledTrust | null | undefined> {
		for (const partition of this.#partitions.keys()) {
			const digest = (await this.inspect(partition, ({ state }) => state.policy.digest)) ?? "";
			const found = digest === "" ? null : this.#catalogue.get(digest);
			if (found !== null && typeof found !== "string") return found.trust;
		}
		return undefined;
	}

	/** Finishes what is in flight on every partition, hands them over and leaves. */
	async drain(): Promise<void> {
		// What is assigned from now on, because another member leaves meanwhile, is for the next one.
		this.#isDraining = true;
		this.#unwatched.abort();
		await Promise.all([...this.#partitions.values()].map((partition) => partition.drain()));
		this.#partitions.clear();
		await Promise.all(this.#leaving);
		await this.#leave();
		this.#isMember = false;
		this.#groupFault = null;
		this.#end(null);
	}

	/** A group that does not answer who joins is not waited for; where it does so late, it is left then. */
	async #leave(): Promise<void> {
		const isLeft = new AbortController();
		const left = this.#assignment
			?.then((assignment) => assignment.leave())
			.catch(() => {})
			.finally(() => isLeft.abort());
		await Promise.race([left, ...(this.#isMember ? [] : [pause(JOINING_MS, isLeft.signal)])]);
	}

	#assigned(partitions: readonly number[]): void {
		const { log, instance, layout, clock, telemetry, meter = silentMeter, snapshotEvery = 100_000 } = this.#options;
		const { folder = null } = this.#options;
		if (this.#isDraining) return;
		telemetry.info("processor.assigned", { instance, partitions: partitions.length });
		for (const partition of partitions) {
			if (this.#partitions.has(partition)) continue;
			const standing = new Standing(partition, clock);
			const known = this.#known.get(partition) ?? { ...UNKNOWN_LEDGER, appendBytesMax: APPEND_BYTES_MAX };
			this.#known.set(partition, known);
			this.#standings.set(partition, standing);
			const life = new Partition({
				log,
				partition,
				instance,
				layout,
				catalogue: this.#catalogue,
				reviews: this.#reviews,
				signers: this.#signers,
				clock,
				telemetry,
				meter,
				mint: this.#mint,
				standing,
				known,
				snapshotEvery,
				folder,
				confirm: () => this.#confirm(),
			});
			this.#partitions.set(partition, life);
			life.start().catch((thrown: unknown) => this.#fail(asAssentError(thrown)));
		}
	}

	/** Resolves when what was in flight on them is finished. */
	async #lost(partitions: readonly number[], why: string): Promise<void> {
		const { telemetry } = this.#options;
		const facts = { partitions: partitions.length, why };
		if (why === REBALANCED) telemetry.info("processor.handed_over", facts);
		else telemetry.warn("processor.lost", facts);
		const leaving = partitions.map((partition) => {
			const life = this.#partitions.get(partition);
			this.#partitions.delete(partition);
			this.#standings.delete(partition);
			const ended = Promise.resolve(life?.drain()).finally(() => this.#leaving.delete(ended));
			this.#leaving.add(ended);
			return ended;
		});
		await Promise.all(leaving);
	}

	/** Deciding goes on: what counts is the claim, and the group may answer again before anybody else has claimed. */
	#faulted(fault: AssentError | null): void {
		const { telemetry, instance } = this.#options;
		this.#groupFault = fault;
		if (fault === null) telemetry.info("group.recovered", { instance });
		else telemetry.error("group.failed", { code: fault.code, why: fault.message });
	}

	/** Nothing more comes here: ends once what was in flight is finished, unless the partitions are given back meanwhile. */
	async #superseded(why: string): Promise<void> {
		await Promise.all(this.#leaving);
		if (this.#partitions.size > 0) return;
		const help = "only one processor decides on an embedded log, the newest; stop the other one first";
		this.#end(new AssentError(problem("ASSENT_SUPERSEDED", `${why}; nothing is decided here any more`, help)));
	}

	/** A superseded processor asks the group before it claims again. */
	async #confirm(): Promise<void> {
		const assignment = await this.#assignment;
		await assignment?.confirm();
	}

	/** Each partition may come upon what ends the process: it is told once. */
	#fail(failure: AssentError): void {
		if (this.#hasFailed) return;
		this.#hasFailed = true;
		this.#options.telemetry.error("processor.failed", { code: failure.code, why: failure.message });
		this.#end(failure);
	}
}

function asAssentError(thrown: unknown): AssentError {
	if (thrown instanceof AssentError) return thrown;
	const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
	return new AssentError(problem("ASSENT_INTERNAL", why, "please report this with the log's last lines"));
}
