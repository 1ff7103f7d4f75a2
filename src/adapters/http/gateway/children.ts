/**
 * Child credentials: what a credential hands to a sub-agent, signed by the gateway and kept nowhere. A child admits less than its
 * parent, ends no later, and is refused with the bearer key that it descends from. Gateways that share the publisher's secret
 * know each other's children: the key that signs them is derived from it.
 */
import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { isPlainName } from "../../../core/language/glob-reader.ts";
import { inclusionOf } from "../../../core/language/questions.ts";
import { languageOfNames } from "../../../core/language/readings.ts";
import { readNameGlob } from "../../../core/match/name-globs.ts";
import { ACTOR_PARTS_MAX } from "../../../core/model/bounds.ts";
import type { SpendingCap } from "../../../core/model/inputs.ts";
import { type DurationMs, type EpochMs, HOUR, SECOND } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Credential } from "./credential.ts";
import { forbidden, refused } from "./problems.ts";

/** Who signs children, as their `iss` has it. */
export const CHILD_ISSUER = "assent-gateway";
const ALGORITHM = "HS256";
const EXPIRES_DEFAULT_MS: DurationMs = HOUR;
/** A credential travels in a header. */
const TOKEN_LENGTH_MAX = 8_000;
/** Edges of automata that may be followed to find out whether globs are within globs. */
const STEPS_MAX = 200_000;

/** What a child is to be. */
export interface ChildWanted {
	readonly name: string | undefined;
	readonly agent: string;
	readonly actor: string | undefined;
	readonly tools: readonly string[] | undefined;
	readonly caps: readonly Pick<SpendingCap, "measure" | "max">[];
	readonly expiresMs: DurationMs | undefined;
}

export interface Child {
	readonly token: string;
	readonly credential: Credential;
}

const claimsSchema = z.object({
	sub: z.string(),
	exp: z.number(),
	name: z.string(),
	tenant: z.string(),
	agent: z.string(),
	actor: z.array(z.string()),
	obo: z.string().nullable(),
	tools: z.array(z.string()),
	caps: z.array(z.object({ name: z.string(), measure: z.enum(["tool_calls", "tokens", "cost"]), max: z.number() })),
	root: z.string().nullable(),
	counted: z.string(),
	asked: z.string(),
});

export class Children {
	readonly #key: KeyObject;
	readonly #clock: Clock;

	/** `secret` is the publisher's. */
	constructor(secret: Uint8Array, clock: Clock) {
		this.#key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "assent.gateway.children.v1", 32)));
		this.#clock = clock;
	}

	/** Throws GATEWAY_FORBIDDEN for what the parent does not admit itself, and GATEWAY_REQUEST for what is too much to carry. */
	async issue(parent: Credential, wanted: ChildWanted): Promise<Child> {
		// What a credential speaks for is read as a glob, in which `c*` is more than the name that `c?` admits.
		if (!isPlainName(wanted.agent))
			throw refused("`agent` is no single name", "name one agent, without `*`, `?` or brackets");
		const now = this.#clock.now();
		const id = `ch-${randomBytes(9).toString("base64url")}`;
		const expiresAt = expiryOf(parent, wanted.expiresMs, now);
		const tools = wanted.tools ?? parent.tools;
		assertWithin(tools, parent.tools);
		const own = wanted.caps.map((cap) => capped(parent, { name: id, ...cap }));
		const name = wanted.name ?? id;
		const actor = [...parent.actor, wanted.actor ?? name];
		if (actor.length > ACTOR_PARTS_MAX)
			throw forbidden("there are too many agents above this one", "issue it higher up");
		const credential: Credential = {
			...{ id, name, roles: ["agent"], tenant: parent.tenant, agents: wanted.agent, tools, actor },
			...{ onBehalfOf: parent.onBehalfOf, caps: [...parent.caps, ...own], expiresAt, rootKey: parent.rootKey },
			...{ countedAs: parent.countedAs, askedBy: parent.askedBy },
		};
		const token = await this.#sign(credential, now, expiresAt);
		if (token.length > TOKEN_LENGTH_MAX)
			throw refused("the credential would be too long for a header", "name fewer tools");
		return { token, credential };
	}

	/** Null for what no gateway of this secret has signed, and for what has expired. */
	async read(token: string): Promise<Credential | null> {
		try {
			const { payload } = await jwtVerify(token, this.#key, {
				algorithms: [ALGORITHM],
				issuer: CHILD_ISSUER,
				requiredClaims: ["exp", "sub"],
				currentDate: new Date(this.#clock.now()),
			});
			const claims = claimsSchema.parse(payload);
			return {
				...{ id: claims.sub, name: claims.name, roles: ["agent"], tenant: claims.tenant, agents: claims.agent },
				...{ tools: claims.tools, actor: claims.actor, onBehalfOf: claims.obo, caps: claims.caps },
				...{ expiresAt: claims.exp * SECOND, rootKey: claims.root, countedAs: claims.counted },
				askedBy: claims.asked,
			};
		} catch (thrown) {
			if (thrown instanceof errors.JOSEError || thrown instanceof z.ZodError) return null;
			throw thrown;
		}
	}

	#sign(of: Credential, now: EpochMs, expiresAt: EpochMs): Promise<string> {
		const {
			id,
			name,
			tenant,
			agents: agent,
			actor,
			onBehalfOf: obo,
			tools,
			caps,
			rootKey: root,
			countedAs: counted,
			askedBy: asked,
		} = of;
		const claims = {
			name,
			tenant,
			agent,
			actor: [...actor],
			obo,
			tools: [...tools],
			caps: [...caps],
			root,
			counted,
			asked,
		};
		return new SignJWT(claims)
			.setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid: "gateway" })
			.setIssuer(CHILD_ISSUER)
			.setSubject(id)
			.setIssuedAt(Math.floor(now / SECOND))
			.setExpirationTime(Math.floor(expiresAt / SECOND))
			.sign(this.#key);
	}
}

/** Whole seconds, as tokens have them. */
function expiryOf(parent: Credential, wantedMs: DurationMs | undefined, now: EpochMs): EpochMs {
	const latest = parent.expiresAt ?? Number.POSITIVE_INFINITY;
	const at = wantedMs === undefined ? Math.min(latest, now + EXPIRES_DEFAULT_MS) : now + wantedMs;
	if (at > latest)
		throw forbidden("a child ends no later than its parent", "give a shorter `expiresIn`, or leave it out");
	return Math.floor(at / SECOND) * SECOND;
}

function assertWithin(tools: readonly string[], above: readonly string[]): void {
	const languageOf = (texts: readonly string[]) =>
		languageOfNames({ caseSensitive: true, globs: texts.flatMap((text) => readNameGlob(text, true) ?? []) });
	const found = inclusionOf(languageOf(tools), languageOf(above), { stepsMax: STEPS_MAX });
	if (found.is === "included") return;
	const what =
		found.is === "unknown"
			? "it cannot be told whether these tools are among the parent's"
			: "these tools are more than the parent's";
	throw forbidden(what, "name tools, or globs, that this credential has");
}

/** No more than any cap above it of the same measure. */
function capped({ caps }: Credential, cap: SpendingCap): SpendingCap {
	if (caps.every(({ measure, max }) => measure !== cap.measure || cap.max <= max)) return cap;
	throw forbidden("the budget is larger than the parent's", "give a smaller one, or leave it out");
}
