/**
 * Tokens that executors use up before a tool runs: at the gateway, or here by the library, both in the gateway's file of used
 * tokens. Whoever hears that a token was used does not run its call: it may be their own use, whose answer was lost.
 */
import { consumeToken } from "../../src/client.ts";
import type { TokenStore } from "../../src/ports/token-store.ts";
import type { Requests } from "./requests.ts";
import type { UseWatch } from "./use-watch.ts";

interface TokenUsesOptions {
	readonly requests: Requests;
	/** The gateway's file. */
	readonly store: TokenStore;
	readonly watch: UseWatch;
	/** The public key that signs them. */
	readonly key: string;
	readonly tenant: string;
}

/** A call with the token that somebody was given for it. */
interface TokenedCall {
	readonly token: string;
	readonly tool: string;
	readonly args: object;
}

type Way = "gateway" | "library";

/** What a token says of its allow. */
interface Allow {
	readonly iss: string;
	readonly jti: string;
	readonly int: string;
	readonly aud: string;
}

export class TokenUses {
	/** By allow (`iss/jti`), how many were told that it is theirs to run. */
	readonly granted = new Map<string, number>();
	/** Of those, by the way on which they asked. */
	readonly grantedBy = { gateway: 0, library: 0 };
	/** Calls whose token was found used, or of which nobody could tell: by allow. */
	readonly refused = new Map<string, string>();
	/** Allows that somebody was told to run, and that the file does not have as used up. */
	readonly unused: string[] = [];
	readonly #options: TokenUsesOptions;

	constructor(options: TokenUsesOptions) {
		this.#options = options;
	}

	/** Whether the call may run: the token was good for it, and nobody had used it. */
	async use(call: TokenedCall, way: Way): Promise<boolean> {
		const allow = allowOf(call.token);
		const isGranted = way === "gateway" ? await this.#atGateway(call) : this.#byLibrary(call);
		const name = nameOf(allow);
		if (isGranted) {
			this.granted.set(name, (this.granted.get(name) ?? 0) + 1);
			this.grantedBy[way] += 1;
			if (!this.#options.watch.has(name)) this.unused.push(name);
		} else this.refused.set(name, allow.int);
		return isGranted;
	}

	/** Calls that nobody ran although their token is used up, or may be: the answer was lost. */
	lost(): readonly string[] {
		return [...this.refused].filter(([name]) => !this.granted.has(name)).map(([, id]) => id);
	}

	async #atGateway({ token, tool, args }: TokenedCall): Promise<boolean> {
		const { requests } = this.#options;
		const answer = await requests.insist("/v1/tokens/consume", { token, tool, args }, ["TOKEN_USED"]);
		return answer?.status === 200;
	}

	#byLibrary({ token, tool, args }: TokenedCall): boolean {
		const { key, store, tenant, requests } = this.#options;
		const used = consumeToken(token, { executor: null, tenant, tool, args }, { keys: [key], store });
		if (!used.ok && used.error.code !== "TOKEN_USED") {
			requests.unexpected.push(`consumeToken ${used.error.code} ${used.error.message}`);
		}
		return used.ok;
	}
}

export const nameOf = ({ iss, jti }: Allow): string => `${iss}/${jti}`;

export function allowOf(token: string): Allow {
	return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Allow;
}
