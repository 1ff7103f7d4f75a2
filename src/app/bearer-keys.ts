/**
 * Bearer keys in a file. The file holds hashes, never a secret, and its owner alone can read it; it is
 * looked at again for each request, so that a key that was revoked is refused by the next one.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import { stringify } from "yaml";
import { z } from "zod";
import { type Credential, ROLES } from "../adapters/http/gateway/credential.ts";
import type { BearerKeys } from "../adapters/http/gateway/known-credentials.ts";
import { sha256Hex } from "../core/base/digest.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { readNameGlob } from "../core/match/name-globs.ts";
import { nameFault } from "../core/model/bounds.ts";
import type { EpochMs } from "../core/model/units.ts";
import { readYaml } from "../core/policy/yaml-source.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { changeFile } from "./file-change.ts";
import { readNamedText } from "./named-file.ts";

/** Where keys are kept, unless another file is named. */
export const KEYS_FILE = ".assent/keys.yaml";

const name = z.string().refine((text) => nameFault(text) === null, "it is no name");
const glob = name.refine((text) => readNameGlob(text, true) !== null, "it is no glob");
const moment = z.iso.datetime({ offset: true });

const keySchema = z.strictObject({
	id: z.string().regex(/^[a-z0-9]{4,32}$/),
	name,
	roles: z.array(z.enum(ROLES)).min(1),
	tenant: name,
	agents: glob,
	tools: z.array(glob).min(1),
	issuedAt: moment,
	expiresAt: moment.nullable(),
	revokedAt: moment.nullable(),
	hash: z.string().regex(/^[0-9a-f]{64}$/),
});

const fileSchema = z.strictObject({ keys: z.array(keySchema) });

/** A key as the file holds it; times are ISO 8601. */
export type BearerKey = z.output<typeof keySchema>;

/** An empty name: it is named after its id. */
export type NewKey = Pick<BearerKey, "name" | "roles" | "tenant" | "agents" | "tools"> & {
	readonly expiresAt: EpochMs | null;
};

/** What stands before a key's secret, and what it is made of: `ak_<id>_<43 characters>`. */
const SECRET = /^ak_([a-z0-9]{4,32})_[A-Za-z0-9_-]{43}$/;

/** Makes a key and adds it to the file, which is made where there is none. The secret is told here, and never again. */
export async function issueKey(file: string, key: NewKey, now: EpochMs): Promise<{ id: string; secret: string }> {
	const id = randomBytes(5).toString("hex");
	const secret = `ak_${id}_${randomBytes(32).toString("base64url")}`;
	const { expiresAt, ...rest } = key;
	const added: BearerKey = {
		id,
		...rest,
		name: key.name === "" ? `key-${id}` : key.name,
		issuedAt: new Date(now).toISOString(),
		expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
		revokedAt: null,
		hash: sha256Hex(secret),
	};
	return changeFile(file, async () => {
		const keys = await readKeys(file, { orNone: true });
		return { text: textOf([...keys, added]), result: { id, secret } };
	});
}

/** The key is refused from now on, and so is whatever it has issued. Null where the file has no such key. */
export async function revokeKey(file: string, id: string, now: EpochMs): Promise<BearerKey | null> {
	// Nothing is made beside a file that is not there.
	await readKeys(file);
	return changeFile(file, async () => {
		const keys = await readKeys(file);
		const found = keys.find((key) => key.id === id);
		if (found === undefined) return { text: null, result: null };
		const revoked = { ...found, revokedAt: found.revokedAt ?? new Date(now).toISOString() };
		return { text: textOf(keys.map((key) => (key.id === id ? revoked : key))), result: revoked };
	});
}

/** Throws ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE, and ASSENT_CONFIG for a file that is none of keys. */
export async function readKeys(
	file: string,
	{ orNone = false }: { readonly orNone?: boolean } = {},
): Promise<readonly BearerKey[]> {
	const read = await readNamedText(file);
	if (!read.ok) {
		if (orNone && read.error.code === "ASSENT_FILE_MISSING") return [];
		throw new AssentError(
			read.error.code === "ASSENT_FILE_MISSING"
				? { ...read.error, message: `there is no file of keys \`${file}\``, help: "make one: `assent keys issue`" }
				: read.error,
		);
	}
	const yaml = readYaml(file, read.value, { noun: "list of keys", begin: "make one: `assent keys issue`" });
	const parsed = yaml.ok ? fileSchema.safeParse(yaml.value.data) : null;
	if (parsed?.success === true) return parsed.data.keys;
	// Where, and nothing of what is written there.
	const [issue] = parsed?.error.issues ?? [];
	const place = yaml.ok ? yaml.value.placeOf((issue?.path ?? []) as string[]) : (yaml.error[0]?.place ?? { file });
	const help = "write it with `assent keys issue` and `assent keys revoke`";
	throw new AssentError(problem("ASSENT_CONFIG", "the file does not have the form of a list of keys", help, place));
}

const textOf = (keys: readonly BearerKey[]): string => stringify({ keys }, { lineWidth: 0 });

/** Keys of a file, as the file is at each request. */
export class KeyFile implements BearerKeys {
	readonly #file: string;
	readonly #telemetry: Telemetry;
	#seen = "";
	#keys: Promise<ReadonlyMap<string, BearerKey>> = Promise.resolve(new Map());

	constructor(file: string, telemetry: Telemetry) {
		this.#file = file;
		this.#telemetry = telemetry;
	}

	/** Throws what `readKeys` throws. */
	async find(secret: string): Promise<Credential | null> {
		const id = SECRET.exec(secret)?.[1];
		if (id === undefined) return null;
		const key = (await this.#current()).get(id);
		if (key === undefined || !isSame(key.hash, sha256Hex(secret))) return null;
		return key.revokedAt === null ? credentialOf(key) : null;
	}

	async byId(id: string): Promise<Credential | null> {
		const key = (await this.#current()).get(id);
		return key === undefined || key.revokedAt !== null ? null : credentialOf(key);
	}

	#current(): Promise<ReadonlyMap<string, BearerKey>> {
		const seen = stampOf(this.#file);
		if (seen !== this.#seen) {
			this.#seen = seen;
			this.#keys = readKeys(this.#file).then((keys) => new Map(keys.map((key) => [key.id, key])));
			this.#keys.catch((thrown: unknown) => {
				const code = thrown instanceof AssentError ? thrown.code : "ASSENT_INTERNAL";
				this.#telemetry.error("gateway.keys.unreadable", { file: this.#file, code, why: String(thrown) });
			});
		}
		return this.#keys;
	}
}

/** Another text for another file, or another content; a system call of microseconds. */
function stampOf(file: string): string {
	const found = statSync(file, { bigint: true, throwIfNoEntry: false });
	return found === undefined ? "none" : `${found.ino}/${found.size}/${found.mtimeNs}/${found.ctimeNs}`;
}

const isSame = (one: string, other: string): boolean =>
	one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

const credentialOf = ({ id, name, roles, tenant, agents, tools, expiresAt }: BearerKey): Credential => ({
	id,
	name,
	askedBy: name,
	roles,
	tenant,
	agents,
	tools,
	actor: [],
	onBehalfOf: null,
	caps: [],
	countedAs: id,
	rootKey: id,
	expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
});
