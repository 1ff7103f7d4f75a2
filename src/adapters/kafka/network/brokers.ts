/**
 * Which brokers there are, and connections to them: one for each purpose, made when it is first needed and made again when it
 * is lost. What one broker does not answer holds up nobody who needs another.
 */
import type Broker from "kafkajs/src/broker/index.js";
import { AssentError, problem } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import { KAFKA_DEFAULTS, type KafkaLogOptions } from "../options.ts";
import { Connections, connectionOf, hangUp, retire } from "./connections.ts";
import { refusedBecause, unreachable, whyOf } from "./faults.ts";

/**
 * What a connection is for. A broker answers the requests of one connection one after the other, so that what may wait
 * there (a long poll, a join) never delays what must not wait.
 */
export type Role = "ledger" | "publish" | "ask" | "group" | `poll ${string}`;

export interface Address {
	readonly host: string;
	readonly port: number;
}

/** Nothing was sent: there is no connection. */
export class NotSent extends AssentError {
	constructor(what: string, why: string) {
		super(unreachable(what, why).problem);
	}
}

export class Brokers {
	readonly #connections: Connections;
	readonly #connectMs: DurationMs;
	/** As the URL names them. */
	readonly #named: readonly Address[];
	/** Addresses by node, as the last metadata said. */
	readonly #nodes = new Map<number, Address>();
	/** By purpose and address. */
	readonly #open = new Map<string, Broker>();
	readonly #connecting = new Map<string, Promise<Broker>>();
	/** Addresses that owe an answer, or could not be reached. */
	readonly #silent = new Set<string>();
	/** The broker to ask first next time. */
	#turn = 0;
	#isClosed = false;

	constructor(options: KafkaLogOptions) {
		this.#connections = new Connections(options);
		this.#connectMs = options.connectTimeoutMs ?? KAFKA_DEFAULTS.connectTimeoutMs;
		this.#named = options.brokers.map((address) => {
			const colon = address.lastIndexOf(":");
			return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
		});
	}

	/** What metadata says: where each node is now. */
	learn(nodes: readonly (Address & { readonly nodeId: number })[]): void {
		for (const { nodeId, host, port } of nodes) {
			const known = this.#nodes.get(nodeId);
			if (known?.host === host && known.port === port) continue;
			this.#nodes.set(nodeId, { host, port });
			if (known !== undefined) this.#leave(known);
		}
	}

	/** The brokers to ask what any of them knows: those that answer before those that do not, and not always the same one first. */
	candidates(): readonly Address[] {
		const known = this.#nodes.size > 0 ? [...this.#nodes.values()] : this.#named;
		const at = this.#turn++ % known.length;
		const all = new Map([...known.slice(at), ...known.slice(0, at), ...this.#named].map((each) => [keyOf(each), each]));
		const isSilent = (each: Address): boolean => this.#silent.has(keyOf(each));
		return [...all.values()].sort((a, b) => Number(isSilent(a)) - Number(isSilent(b)));
	}

	/** It owes an answer: until it answers again, others are asked first. */
	markLate(address: Address): void {
		this.#silent.add(keyOf(address));
	}

	markAnswering(broker: Broker): void {
		if (this.#silent.size > 0) this.#silent.delete(keyOf(addressOf(broker)));
	}

	/** The node whose address a broker has; null for one that metadata does not name. */
	nodeOf(broker: Broker): number | null {
		const key = keyOf(addressOf(broker));
		for (const [node, address] of this.#nodes) if (keyOf(address) === key) return node;
		return null;
	}

	/** The broker that `node` would resolve with, if that is connected; null when it has to be waited for. */
	connected(role: Role, nodeId: number): Broker | null {
		const address = this.#nodes.get(nodeId);
		const broker = address && this.#open.get(`${role}@${keyOf(address)}`);
		return broker?.isConnected() === true ? broker : null;
	}

	/** A connected broker. Throws NotSent when it cannot be reached now, ASSENT_LOG_DENIED when it lets nobody in. */
	async node(role: Role, nodeId: number): Promise<Broker> {
		const address = this.#nodes.get(nodeId);
		if (address === undefined) throw new NotSent(`broker ${nodeId}`, "it is not known");
		return this.at(role, address);
	}

	/** As `node`. */
	at(role: Role, address: Address): Promise<Broker> {
		const key = `${role}@${keyOf(address)}`;
		const open = this.#open.get(key);
		if (this.#isClosed) return Promise.reject(new NotSent(keyOf(address), "the log was closed"));
		if (open?.isConnected() === true) return Promise.resolve(open);
		const connecting =
			this.#connecting.get(key) ?? this.#connect(key, address).finally(() => this.#connecting.delete(key));
		this.#connecting.set(key, connecting);
		return connecting;
	}

	/** With all that a connection begins with: a broker that takes it and says nothing is one that cannot be reached. */
	async #connect(key: string, address: Address): Promise<Broker> {
		const before = this.#open.get(key);
		// Its login has ended, or it is lost: what is still under way on it may be answered.
		if (before !== undefined) retire(before);
		const broker = await this.#connections.to(address);
		this.#open.set(key, broker);
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`no answer within ${this.#connectMs} ms`)), this.#connectMs);
		});
		try {
			await Promise.race([broker.connect(), late]);
		} catch (thrown) {
			this.drop(broker);
			this.markLate(address);
			const refused = refusedBecause(thrown);
			if (refused !== null) throw notLetIn(keyOf(address), refused);
			throw new NotSent(keyOf(address), whyOf(thrown));
		} finally {
			clearTimeout(timer);
		}
		if (this.#open.get(key) === broker) return broker;
		// Closed, or given up, while it was connecting.
		hangUp(broker);
		throw new NotSent(keyOf(address), "the connection was given up");
	}

	/** Forgets a connection: what is under way on it fails, the next request makes another. */
	drop(broker: Broker): void {
		for (const [key, each] of this.#open) if (each === broker) this.#open.delete(key);
		hangUp(broker);
	}

	close(): void {
		this.#isClosed = true;
		const brokers = [...this.#open.values()];
		this.#open.clear();
		for (const broker of brokers) hangUp(broker);
	}

	/** Nobody is there any more. */
	#leave(address: Address): void {
		for (const [key, broker] of this.#open) if (key.endsWith(`@${keyOf(address)}`)) this.drop(broker);
	}
}

export const keyOf = ({ host, port }: Address): string => `${host}:${port}`;

export const addressOf = (broker: Broker): Address => {
	const { host, port } = connectionOf(broker);
	return { host, port };
};

const notLetIn = (who: string, why: string): AssentError =>
	new AssentError(
		problem("ASSENT_LOG_DENIED", `access denied by ${who}: ${why}`, "check `kafka.sasl` and `kafka.tls`"),
	);
