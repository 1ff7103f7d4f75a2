/** What every store of payload keys promises (ports/payload-keys.ts). */
import { describe, expect, it } from "vitest";
import type { ErasureScope } from "../../src/core/model/inputs.ts";
import type { PayloadKeys } from "../../src/ports/payload-keys.ts";

export function payloadKeysContract(name: string, open: () => PayloadKeys): void {
	const call = (id: string, part: { agent?: string; session?: string } = {}) => ({
		...{ tenant: "acme", agent: "coder", session: "run-1", id },
		...part,
	});
	const scope = (part: Partial<ErasureScope>): ErasureScope => ({
		...{ tenant: "acme", agent: "coder", session: null, intent: null },
		...part,
	});

	describe(`${name}: a store of payload keys`, () => {
		it("draws 32 bytes once for an intent and once for a session, for all who ask (K1)", async () => {
			const store = open();
			const [first, same, other] = await Promise.all([
				store.draw(call("a")),
				store.draw(call("a")),
				store.draw(call("b")),
			]);
			expect(Buffer.from(first.intent)).toHaveLength(32);
			expect(Buffer.from(same.intent)).toEqual(Buffer.from(first.intent));
			expect(Buffer.from((await store.draw(call("a"))).intent)).toEqual(Buffer.from(first.intent));
			expect(Buffer.from(other.intent)).not.toEqual(Buffer.from(first.intent));
			expect(Buffer.from(other.session)).toEqual(Buffer.from(first.session));
			expect(Buffer.from(first.session)).not.toEqual(Buffer.from(first.intent));
			expect(Buffer.from(store.find(call("a")) as Uint8Array)).toEqual(Buffer.from(first.intent));
			store.close();
		});

		it("tells tenants, agents and sessions apart, and knows nothing of what nobody asked for", async () => {
			const store = open();
			const one = await store.draw(call("a"));
			const other = await store.draw(call("a", { session: "run-2" }));
			expect(Buffer.from(other.intent)).not.toEqual(Buffer.from(one.intent));
			expect(Buffer.from(other.session)).not.toEqual(Buffer.from(one.session));
			for (const each of [call("b"), call("a", { agent: "mailer" }), { ...call("a"), tenant: "globex" }]) {
				expect(store.find(each)).toBeNull();
			}
			store.close();
		});

		it.each<[string, Partial<ErasureScope>, readonly string[], number, number]>([
			["an intent", { session: "run-1", intent: "a" }, ["run-1/a"], 1, 0],
			["a session", { session: "run-1" }, ["run-1/a", "run-1/b"], 2, 1],
			["a principal", {}, ["run-1/a", "run-1/b", "run-2/a"], 3, 2],
			["nobody", { agent: "nobody" }, [], 0, 0],
		])("erases %s and nothing else, for good (K3)", async (_, part, gone, intents, sessions) => {
			const store = open();
			const calls = [call("a"), call("b"), call("a", { session: "run-2" }), call("a", { agent: "mailer" })];
			for (const each of calls) await store.draw(each);
			expect(store.count(scope(part))).toEqual({ intents, sessions });
			expect(store.knows(scope(part))).toBe(intents > 0);
			expect(store.erase(scope(part))).toEqual({ intents, sessions });
			expect(store.knows(scope(part))).toBe(intents > 0);
			expect(store.erase(scope(part))).toEqual({ intents: 0, sessions: 0 });
			for (const each of calls) {
				const isGone = each.agent === "coder" && gone.includes(`${each.session}/${each.id}`);
				if (!isGone) expect(store.find(each)).toBeInstanceOf(Uint8Array);
				else {
					expect(store.find(each)).toBe("erased");
					await expect(store.draw(each)).rejects.toMatchObject({ code: "RECORD_ERASED" });
				}
			}
			store.close();
		});

		it("draws another secret for a session of which everything was erased", async () => {
			const store = open();
			const before = await store.draw(call("a"));
			store.erase(scope({ session: "run-1" }));
			const after = await store.draw(call("b"));
			expect(Buffer.from(after.session)).not.toEqual(Buffer.from(before.session));
			store.close();
		});

		it("finds calls by their id or their session, erased ones too", async () => {
			const store = open();
			for (const each of [call("a"), call("b"), call("a", { agent: "mailer", session: "m" })]) await store.draw(each);
			store.erase(scope({ session: "run-1", intent: "a" }));
			const agents = store.named({ id: "a" }).map(({ agent }) => agent);
			expect([...agents].sort()).toEqual(["coder", "mailer"]);
			expect(store.named({ session: "run-1" }).map(({ id }) => id)).toEqual(["a", "b"]);
			expect(store.named({ id: "c" })).toEqual([]);
			store.close();
		});
	});
}
