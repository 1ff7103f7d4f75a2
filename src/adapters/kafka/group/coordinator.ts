/**
 * The broker that coordinates a group: found once, and asked for again when it fails, says that it is another, or owes an answer.
 * Who owes it is told apart: a broker that is silent while others answer is replaced by Kafka and found again; when no broker
 * answers, it is this process that is cut off.
 */
import type { DurationMs } from "../../../core/model/units.ts";
import type { Answers } from "../network/answers.ts";
import type { Role } from "../network/brokers.ts";
import { CutOff, groupFaultOf, KAFKA, unreachable } from "../network/faults.ts";
import type { Wire } from "../network/wire.ts";

/** An answer of the coordinator that takes longer makes this ask for it again. */
export const LATE_MS: DurationMs = 800;
/** How long any other broker may take then. */
const OTHERS_MS: DurationMs = 700;

export interface CoordinatorOptions {
	readonly wire: Pick<Wire, "ask" | "broker" | "metadata" | "request">;
	/** The group's name with the deployment's prefix. */
	readonly group: string;
	readonly sessionMs: DurationMs;
	readonly hasLeft: () => boolean;
}

export class Coordinator {
	readonly #options: CoordinatorOptions;
	#node: number | null = null;

	constructor(options: CoordinatorOptions) {
		this.#options = options;
	}

	/** Whoever it is, it is asked for again before the next request. */
	forget(): void {
		this.#node = null;
	}

	/** Throws CutOff when nobody answers; ASSENT_LOG_UNAVAILABLE, ASSENT_LOG_DENIED. */
	async request<Name extends keyof Answers>(
		role: Role,
		name: Name,
		args: object,
		limitMs: DurationMs,
	): Promise<Answers[Name]> {
		try {
			const node = await this.#known();
			const answer = this.#send(node, role, name, args, limitMs);
			while (!(await isSettled(answer, LATE_MS))) {
				const now = await this.#whoIsIt(answer);
				if (now === null || now === node) continue;
				throw unreachable(`the group \`${this.#options.group}\``, `broker ${now} coordinates it now`);
			}
			return await answer;
		} catch (thrown) {
			if (!(thrown instanceof CutOff)) this.forget();
			throw thrown;
		}
	}

	/** Without asking after it, however long it takes. */
	async requestPatiently<Name extends keyof Answers>(
		role: Role,
		name: Name,
		args: object,
		limitMs: DurationMs,
	): Promise<Answers[Name]> {
		return this.#send(await this.#known(), role, name, args, limitMs);
	}

	async #send<Name extends keyof Answers>(
		node: number,
		role: Role,
		name: Name,
		args: object,
		limitMs: DurationMs,
	): Promise<Answers[Name]> {
		const { wire, group, hasLeft } = this.#options;
		const broker = await this.#reached(role, node);
		// A member that has left must not come back by an answer that was late.
		if (hasLeft() && name !== "LeaveGroup") throw unreachable(`the group \`${group}\``, "this member has left it");
		return wire.request(broker, name, args, { limitMs });
	}

	async #reached(role: Role, node: number) {
		const { wire } = this.#options;
		try {
			return await wire.broker(role, node);
		} catch (thrown) {
			// It may be new, or have another address: the next try finds it where metadata says.
			await wire.metadata([]).catch(() => {});
			throw thrown;
		}
	}

	/** While an answer is owed. Null: it has come, or nobody can say who coordinates. Throws CutOff when no broker answers. */
	async #whoIsIt(owed: Promise<unknown>): Promise<number | null> {
		const found = this.#find().catch(() => null);
		// What fails at once is heard, too: somebody refused the connection.
		const isHeard = await Promise.race([isSettled(found, OTHERS_MS), owed.then(isTrue, isTrue)]);
		if (isHeard) return (await isSettled(owed, 0)) ? null : found;
		throw new CutOff(this.#options.group);
	}

	async #known(): Promise<number> {
		this.#node ??= await this.#find();
		return this.#node;
	}

	async #find(): Promise<number> {
		const { wire, group } = this.#options;
		const args = { coordinatorKey: group, groupId: group, coordinatorType: 0 };
		const { errorCode, coordinator } = (await wire.ask("GroupCoordinator", args)).answer;
		if (errorCode !== KAFKA.none) throw groupFaultOf(errorCode, this.#options);
		return coordinator.nodeId;
	}
}

const isTrue = (): true => true;

/** A process that did something else for long looks at what has come in before it takes anybody for silent. */
const GRACE_MS: DurationMs = 20;

/** Whether it is resolved or rejected within `ms`. */
async function isSettled(promise: Promise<unknown>, ms: DurationMs): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<false>((resolve) => {
		timer = setTimeout(() => {
			timer = setTimeout(resolve, GRACE_MS, false);
		}, ms);
	});
	const isIt = await Promise.race([promise.then(isTrue, isTrue), late]);
	clearTimeout(timer);
	return isIt;
}
