/**
 * What a token costs: to mint it with a reply, and to verify it and use it up before its call runs, in a file and in memory; beside
 * `jose`, which verifies a JWT and no more, and the bare signature, in the same run and in turns.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importJWK, jwtVerify } from "jose";
import { SqliteTokenStore } from "../src/adapters/embedded/token-store.ts";
import { makeKey, signerOf, verifierOf } from "../src/adapters/keys/ed25519.ts";
import { MemoryTokenStore } from "../src/adapters/memory/token-store.ts";
import { usedUp } from "../src/client/token-use.ts";
import { callDigest } from "../src/core/token/call-digest.ts";
import { claimsOf } from "../src/core/token/claims.ts";
import { compactToken, headerPart, kidOf } from "../src/core/token/compact.ts";
import { tokenKeys, verifyToken } from "../src/core/token/verification.ts";
import type { Signer } from "../src/ports/signer.ts";
import type { TokenStore } from "../src/ports/token-store.ts";
import type { BenchRow } from "./row.ts";

const TURNS = 20;
const PER_TURN = 500;
const AT = 1_800_000_000_000;
const ARGS = '{"command":"git push --force-with-lease origin main","cwd":"/srv/app","timeoutMs":120000}';

interface Subject {
	readonly what: string;
	run(token: string, index: number): unknown;
}

export async function benchToken(): Promise<BenchRow[]> {
	const { key, sign } = signerOf(makeKey("bench.example.com")) as Signer;
	const kid = kidOf(key);
	const head = headerPart(kid);
	const verifier = verifierOf(key);
	const keys = tokenKeys([{ kid, status: "active", since: 0, verify: verifier.verify }]);
	const x = Buffer.from(key.bytes).toString("base64url");
	const jwk = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
	const mint = (seq: number): string =>
		compactToken(
			head,
			claimsOf({
				ledgerId: "0123456789abcdef0123456789abcdef",
				partition: 3,
				seq,
				at: AT,
				policyDigest: "ab".repeat(32),
				call: { tenant: "acme", agent: "coder", id: `call-${seq}` },
				session: "run-1",
				executor: "Zm9yIG9uZSBydW4gb25seQ",
				callDeadlineMs: 600_000,
				callDigest: callDigest("shell.run", ARGS),
			}),
			sign,
		);
	const tokens = Array.from({ length: TURNS * PER_TURN }, (_, seq) => mint(seq));
	const folder = mkdtempSync(join(tmpdir(), "assent-bench-"));
	const file = new SqliteTokenStore(join(folder, "tokens.db"), AT);
	const memory = new MemoryTokenStore(AT);
	/** As the gate does before a tool runs: the call hashed, the token verified, and used up. */
	const checked = (token: string, store: TokenStore): void => {
		const call = { audience: "Zm9yIG9uZSBydW4gb25seQ", tenant: "acme", agent: "coder", session: "run-1" };
		const expected = { ...call, callDigest: callDigest("shell.run", ARGS) };
		const verified = verifyToken(token, keys, expected, { now: AT, skewMs: 30_000 });
		if (!verified.ok) throw new Error(verified.error.message);
		const used = usedUp(verified.value, store, { issuedAt: AT, until: AT + 720_000, now: AT });
		if (!used.ok) throw new Error(used.error.message);
	};
	const subjects: readonly Subject[] = [
		{ what: "mint", run: (_, index) => mint(index) },
		{ what: "verify and use up, in a file", run: (token) => checked(token, file) },
		{ what: "verify and use up, in memory", run: (token) => checked(token, memory) },
		{
			what: "jose: jwtVerify, nothing used up",
			run: (token) =>
				jwtVerify(token, jwk, {
					algorithms: ["EdDSA"],
					audience: "Zm9yIG9uZSBydW4gb25seQ",
					currentDate: new Date(AT),
				}),
		},
		{
			what: "node:crypto: the signature alone",
			run: (token) => {
				const end = token.lastIndexOf(".");
				const signature = Buffer.from(token.slice(end + 1), "base64url");
				if (!verifier.verify(Buffer.from(token.slice(0, end), "latin1"), signature)) throw new Error("not verified");
			},
		},
	];
	try {
		const took = await inTurns(subjects, tokens);
		const p50 = subjects.map(({ what }) => middle(took.get(what) ?? []));
		const rows = subjects.map(({ what }, index) => ({ what: `${what}, p50`, value: p50[index] as number, unit: "µs" }));
		const [, own = 0, , jose = 0, bare = 0] = p50;
		return [
			...rows,
			{ what: "verify and use up in a file, against jose", value: jose / own, unit: "×" },
			{ what: "verify and use up in a file, beyond the signature alone", value: own - bare, unit: "µs" },
		];
	} finally {
		file.close();
		rmSync(folder, { recursive: true });
	}
}

/** Microseconds of each run. A turn of each after the other, so that what else the machine does falls on all. */
async function inTurns(subjects: readonly Subject[], tokens: readonly string[]): Promise<Map<string, number[]>> {
	const took = new Map(subjects.map(({ what }) => [what, [] as number[]]));
	for (let turn = 0; turn < TURNS; turn++) {
		for (const { what, run } of subjects) {
			for (let index = turn * PER_TURN; index < (turn + 1) * PER_TURN; index++) {
				const begun = performance.now();
				const running = run(tokens[index] as string, index);
				if (running instanceof Promise) await running;
				// The first turn is for the compiler.
				if (turn > 0) took.get(what)?.push(1_000 * (performance.now() - begun));
			}
		}
	}
	return took;
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
