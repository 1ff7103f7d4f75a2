/**
 * A deployment in memory: one store, topics, policies, records published onto it and the ledger read back. Several handles
 * stand for several processes.
 */

import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { type MemoryLogOptions, openMemoryLog } from "../../src/adapters/memory/log.ts";
import { MemoryStore, type MemoryStoreOptions } from "../../src/adapters/memory/store.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import { decodeDerived } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeInput } from "../../src/core/codec/encode.ts";
import { HEADER } from "../../src/core/codec/headers.ts";
import { beginFold, type Folded, foldRecord } from "../../src/core/ledger/fold.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { type CallId, callKey } from "../../src/core/model/ids.ts";
import type {
	ControlHead,
	ControlRecord,
	InputRecord,
	IntentSubmitted,
	PolicyActivated,
} from "../../src/core/model/inputs.ts";
import { type Layout, partitionFor } from "../../src/core/model/layout.ts";
import type { DecisionReplied, DerivedRecord } from "../../src/core/model/records.ts";
import { DAY, HOUR } from "../../src/core/model/units.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { heldCalls } from "../../src/operations/holds.ts";
import type { EventName } from "../../src/ports/events.ts";
import type { LedgerFolder } from "../../src/ports/ledger-folder.ts";
import { type Log, type LogRecord, POLICIES_AT, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import type { PolicyCompiler } from "../../src/ports/policy-compiler.ts";
import type { PolicyReviewer } from "../../src/ports/policy-reviewer.ts";
import type { Signer } from "../../src/ports/signer.ts";
import type { Facts, Telemetry } from "../../src/ports/telemetry.ts";
import { Processor } from "../../src/processor/processor.ts";
import type { PolicyKeys } from "../../src/reading/bundle-signature.ts";
import { type IntentPart, intentOf } from "./engine-world.ts";

export const TEST_LAYOUT: Layout = { partitions: 1, budgetRoot: "tenant/agent", dedupeMs: HOUR, sessionMs: 7 * DAY };

/** Resolves when `isTrue` does, asked again at every turn of the event loop; fails after about `ms`, a ceiling against a hang. */
export async function until(isTrue: () => boolean | Promise<boolean>, what = "", ms = 60_000): Promise<void> {
	const deadline = performance.now() + ms;
	while (!(await isTrue())) {
		if (performance.now() > deadline) throw new Error(`waited too long${what === "" ? "" : ` for ${what}`}`);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}

/** Telemetry that remembers. */
export class Heard implements Telemetry {
	readonly events: { readonly event: string; readonly facts: Facts }[] = [];
	info(event: string, facts: Facts = {}): void {
		this.events.push({ event, facts });
	}
	warn(event: string, facts: Facts = {}): void {
		this.events.push({ event, facts });
	}
	error(event: string, facts: Facts = {}): void {
		this.events.push({ event, facts });
	}
	said(event: EventName): Facts[] {
		return this.events.filter((each) => each.event === event).map(({ facts }) => facts);
	}
}

const sourcesOf = (texts: readonly string[]) => texts.map((text, at) => ({ name: `p${at}.yaml`, text }));

/** What a test need not say: who sent it, and which of the calls under an id an approver has seen. */
type Implied = keyof ControlHead | "commitment";
type Written<Of> = Of extends ControlRecord ? Omit<Of, Implied> & Partial<Pick<Of, Implied & keyof Of>> : never;

export class LogWorld {
	readonly layout: Layout;
	readonly store: MemoryStore;
	/** The operators' and agents' handle: no faults. */
	readonly log: Log;
	/** The clock of broker and processors, where a test moves it; else the system's. */
	readonly clock: { now(): number };
	#generation = 0;
	#controls = 0;

	constructor(of: { layout?: Layout; clock?: { now(): number }; store?: MemoryStoreOptions } = {}) {
		this.layout = of.layout ?? TEST_LAYOUT;
		this.clock = of.clock ?? { now: () => Date.now() };
		this.store = new MemoryStore(of.store);
		this.store.createTopics(topicSpecs(this.layout));
		this.log = this.handle();
	}

	/** A handle, as another process would have one. */
	handle(options: MemoryLogOptions = {}): Log {
		return openMemoryLog({ store: this.store, clock: this.clock, ...options });
	}

	/** The digest that policies have as a bundle. */
	digestOf(...texts: readonly string[]): string {
		const compiled = compilePolicies(sourcesOf(texts), { budgetRoot: this.layout.budgetRoot });
		if (!compiled.ok) throw new Error(compiled.error.map((each) => each.message).join("\n"));
		return compiled.value.digest;
	}

	/** Publishes a bundle; its digest. */
	async bundle(...texts: readonly string[]): Promise<string> {
		const digest = this.digestOf(...texts);
		const sources = sourcesOf(texts);
		await this.publishBundle({ type: "policy.bundle", digest, sources, signature: "" });
		return digest;
	}

	async publishBundle(bundle: Extract<DerivedRecord, { type: "policy.bundle" }>): Promise<void> {
		await this.log.append(POLICIES_AT, [{ key: bundle.digest, value: encodeDerived(bundle), headers: {} }]);
	}

	/** Puts a digest into force on every partition. */
	async activate(digest: string, part: Partial<Pick<PolicyActivated, "issuedBy" | "needsReview">> = {}): Promise<void> {
		this.#generation += 1;
		const generation = this.#generation;
		const record = { id: `activation-${generation}`, generation, digest, needsReview: false, ...part };
		await this.control({ type: "policy.activated", ...record });
	}

	/** Bundle and activation of policies. */
	async policies(...texts: readonly string[]): Promise<string> {
		const digest = await this.bundle(...texts);
		await this.activate(digest);
		return digest;
	}

	/** A control record on every partition, or on one. */
	async control(record: Written<ControlRecord>, partition?: number): Promise<void> {
		this.#controls += 1;
		const head = { id: `control-${this.#controls}`, issuedBy: "ops", issuedAt: this.clock.now() };
		const seen = "call" in record ? { commitment: await this.#heldCommitment(record.call) } : {};
		const value = encodeInput({ ...head, ...seen, ...record } as ControlRecord);
		const all = Array.from({ length: this.layout.partitions }, (_, each) => each);
		for (const each of partition === undefined ? all : [partition]) await this.put("control", each, value);
	}

	/** What an approver would be shown; of a call that is not held, nothing that any call has. */
	async #heldCommitment(call: CallId): Promise<string> {
		const held = await heldCalls(this.log, this.layout, { filter: {}, now: this.clock.now() });
		return held.find((each) => callKey(each.call) === callKey(call))?.commitment ?? "0".repeat(64);
	}

	/** Submits an intent with a reply id, its own id where none is given. */
	async submit(part: Partial<IntentPart> & { readonly id: string }, replyId?: string): Promise<IntentSubmitted> {
		const intent = intentOf({ issuedAt: this.clock.now(), ...part });
		await this.publish(intent, replyId ?? intent.id);
		return intent;
	}

	/** Publishes a record of `intents` where it belongs. */
	async publish(record: InputRecord, replyId?: string): Promise<void> {
		const who =
			record.type === "intent.submitted"
				? record.principal
				: { tenant: "acme", agent: "coder", ...("call" in record ? record.call : {}), session: "run-1" };
		const headers = replyId === undefined ? {} : { [HEADER.replyTo]: TOPICS.replies, [HEADER.replyId]: replyId };
		await this.put("intents", partitionFor(this.layout, who), encodeInput(record), headers);
	}

	async put(topic: string, partition: number, value: Uint8Array, headers: Record<string, string> = {}): Promise<void> {
		await this.log.append({ topic, partition }, [{ key: null, value, headers }]);
	}

	async records(topic: string, partition = 0): Promise<LogRecord[]> {
		const from = { topic, partition };
		const found: LogRecord[] = [];
		const { begin } = await this.log.bounds(from);
		for await (const records of readToEnd(this.log, from, begin)) found.push(...records);
		return found;
	}

	/** The derived records of a topic, all partitions. */
	async derived<Type extends DerivedRecord["type"]>(
		topic: string,
		type: Type,
	): Promise<Extract<DerivedRecord, { type: Type }>[]> {
		const found: Extract<DerivedRecord, { type: Type }>[] = [];
		for (let partition = 0; partition < this.layout.partitions; partition++) {
			for (const record of await this.records(topic, partition)) {
				const read = decodeDerived(record.value);
				if (read.ok && read.value.type === type) found.push(read.value as Extract<DerivedRecord, { type: Type }>);
			}
		}
		return found;
	}

	async replies(): Promise<DecisionReplied[]> {
		return this.derived(TOPICS.replies, "decision.replied");
	}

	/** Folds a partition's ledger from its beginning. */
	async fold(partition = 0): Promise<{ folded: Folded; entries: LedgerEntry[]; claims: number }> {
		const folded = beginFold(this.layout, partition);
		const entries: LedgerEntry[] = [];
		let claims = 0;
		for (const record of await this.records(TOPICS.decisions, partition)) {
			const read = foldRecord(folded, record);
			if (!read.ok) throw new AssentError(read.error);
			if (read.value.kind === "claim") claims += 1;
			if (read.value.kind === "entry") entries.push(read.value.entry);
		}
		return { folded, entries, claims };
	}

	async entries(partition = 0): Promise<LedgerEntry[]> {
		return (await this.fold(partition)).entries;
	}

	/** Waits until every input that is on the log now has its entry. */
	async consumed(ms = 10_000): Promise<void> {
		await until(() => this.isConsumed(), "inputs to be consumed", ms);
	}

	async isConsumed(): Promise<boolean> {
		for (let partition = 0; partition < this.layout.partitions; partition++) {
			const { inputs } = (await this.fold(partition)).folded.state;
			for (const topic of ["intents", "control"] as const) {
				if (inputs[topic] < (await this.log.bounds({ topic, partition })).end) return false;
			}
		}
		return true;
	}
}

/** A processor on a handle of its own, started. `ended` settles when it cannot go on, or after `drain`. */
export async function startProcessor(
	world: LogWorld,
	of: {
		log?: Log;
		layout?: Layout;
		snapshotEvery?: number;
		instance?: string;
		clock?: { now(): number };
		policyKeys?: PolicyKeys;
		compiler?: PolicyCompiler;
		folder?: LedgerFolder;
		reviewer?: PolicyReviewer;
		tokenSigner?: Signer;
		operatorSigner?: Signer;
	} = {},
): Promise<{ processor: Processor; heard: Heard }> {
	const heard = new Heard();
	const processor = new Processor({
		verifierOf,
		log: of.log ?? world.handle(),
		instance: of.instance ?? "p1",
		layout: of.layout ?? world.layout,
		clock: of.clock ?? world.clock,
		telemetry: heard,
		...(of.snapshotEvery === undefined ? {} : { snapshotEvery: of.snapshotEvery }),
		...(of.policyKeys === undefined ? {} : { policyKeys: of.policyKeys }),
		...(of.folder === undefined ? {} : { folder: of.folder }),
		...(of.compiler === undefined ? {} : { compiler: of.compiler }),
		...(of.reviewer === undefined ? {} : { reviewer: of.reviewer }),
		...(of.tokenSigner === undefined ? {} : { tokenSigner: of.tokenSigner }),
		...(of.operatorSigner === undefined ? {} : { operatorSigner: of.operatorSigner }),
	});
	await processor.start();
	return { processor, heard };
}

/** The policy that tests of the processor and the client use: shell calls run, payments wait for alice, wiping is denied. */
export const TEST_POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: guard}
tools:
  allow: all
  deny: [{name: no-wipe, tools: [wipe], severity: high, message: nothing is wiped here}]
  hold: [{name: pay, tools: ["pay.*"], approval: people}]
limits:
  - {name: calls, measure: tool_calls, scope: agent, max: 1000}
  - {name: tokens, measure: tokens, scope: agent, max: 100000, reserve: 10}
approvals:
  people: {approvers: [alice], expires: 5m}
obligations:
  - {tools: [login], redact: [args.password], deadline: 50ms, message: mind the gap}
  - {deadline: 2m}
`;

/** The log with parts of it replaced. */
export const over = (log: Log, part: Partial<Log>): Log => ({
	url: log.url,
	questions: log.questions,
	append: (to, records, options) => log.append(to, records, options),
	read: (from, at, options) => log.read(from, at, options),
	bounds: (of) => log.bounds(of),
	waitFor: (any, options) => log.waitFor(any, options),
	assign: (group, member, listener) => log.assign(group, member, listener),
	admin: () => log.admin(),
	close: () => log.close(),
	...part,
});
