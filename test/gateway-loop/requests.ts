/** Requests to a gateway that is killed now and then: sent again until somebody answers. */
import { setTimeout as sleep } from "node:timers/promises";

/** For how long, where nobody answers. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 50;

export interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
}

export class Requests {
	/** Statuses that nobody expects, with their codes. */
	readonly unexpected: string[] = [];
	/** Requests that met no gateway, or lost theirs before the answer. */
	lost = 0;
	readonly #url: string;
	readonly #key: string;

	/** `url`: where the gateway is, whenever there is one. */
	constructor({ url, key }: { readonly url: string; readonly key: string }) {
		this.#url = url;
		this.#key = key;
	}

	/**
	 * The first answer that is none of a gateway that ends or is not there; null when patience is at its end, and for a refusal that is
	 * not one of the codes in `refusals`.
	 */
	async insist(path: string, body: object, refusals: readonly string[] = []): Promise<Answer | null> {
		const until = performance.now() + PATIENCE_MS;
		while (performance.now() < until) {
			const answer = await this.#send(path, body);
			if (answer !== null && answer.status !== 503) {
				const code = String(answer.body["code"]);
				if (answer.status < 300 || refusals.includes(code)) return answer;
				this.unexpected.push(`${path} ${answer.status} ${code} ${String(answer.body["detail"])}`);
				return null;
			}
			await sleep(PAUSE_MS);
		}
		return null;
	}

	async #send(path: string, body: object): Promise<Answer | null> {
		try {
			const response = await fetch(`${this.#url}${path}`, {
				method: "POST",
				headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
				body: JSON.stringify(body),
				signal: AbortSignal.timeout(5_000),
			});
			return { status: response.status, body: (await response.json()) as Answer["body"] };
		} catch {
			this.lost += 1;
			return null;
		}
	}
}
