/** What every token store promises (ports/token-store.ts). */
import { describe, expect, it } from "vitest";
import { SWEEP_EVERY, type TokenStore } from "../../src/ports/token-store.ts";

const SECOND = 1_000;
/** In the middle of a second: tokens date from its beginning. */
const BEGUN = 1_800_000_000_700;

export interface StoreOptions {
	readonly now: number;
	readonly tokensMax?: number;
}

export function tokenStoreContract(name: string, open: (options: StoreOptions) => TokenStore): void {
	const use = (id: string, part: { issuedAt?: number; until?: number } = {}) => ({
		id,
		issuedAt: BEGUN + SECOND,
		until: BEGUN + 600 * SECOND,
		...part,
	});

	describe(`${name}: a store of used tokens`, () => {
		it("lets each be used once (S1)", () => {
			const store = open({ now: BEGUN });
			expect(store.consume(use("a/0-1"), BEGUN)).toBe("consumed");
			expect(store.consume(use("a/0-2"), BEGUN)).toBe("consumed");
			expect(store.consume(use("b/0-1"), BEGUN)).toBe("consumed");
			for (const id of ["a/0-1", "a/0-2", "b/0-1"]) expect(store.consume(use(id), BEGUN)).toBe("used");
			store.close();
		});

		it("remembers a use until its token has run out, however much is used meanwhile (S2)", () => {
			const store = open({ now: BEGUN });
			const until = BEGUN + 10 * SECOND;
			expect(store.consume(use("a", { until }), BEGUN)).toBe("consumed");
			for (let n = 0; n < 3 * SWEEP_EVERY; n++) store.consume(use(`n${n}`), until - 1);
			expect(store.consume(use("a", { until }), until - 1)).toBe("used");
			store.close();
		});

		it("does not know of tokens that were issued before it was begun (S2)", () => {
			const store = open({ now: BEGUN });
			expect(store.consume(use("a", { issuedAt: BEGUN - SECOND }), BEGUN)).toBe("unknown");
			expect(store.consume(use("b", { issuedAt: BEGUN - 700 }), BEGUN)).toBe("consumed");
			store.close();
		});

		it("does not know of what had run out when it forgot, also where the clock is put back after that (S2)", () => {
			const store = open({ now: BEGUN });
			const until = BEGUN + 10 * SECOND;
			expect(store.consume(use("a", { until }), BEGUN)).toBe("consumed");
			for (let n = 0; n < SWEEP_EVERY + 1; n++) store.consume(use(`n${n}`), until);
			expect(store.consume(use("a", { until }), BEGUN)).toBe("unknown");
			expect(store.consume(use("b", { until }), BEGUN)).toBe("unknown");
			expect(store.consume(use("c"), BEGUN)).toBe("consumed");
			store.close();
		});

		it("refuses where it has no room, and has room again once something has run out", () => {
			const store = open({ now: BEGUN, tokensMax: SWEEP_EVERY });
			const until = BEGUN + 10 * SECOND;
			let refused = 0;
			for (let n = 0; n < 2 * SWEEP_EVERY + 1; n++) {
				try {
					store.consume(use(`n${n}`, { until }), BEGUN);
				} catch (thrown) {
					expect(thrown).toMatchObject({ code: "TOKEN_STORE" });
					refused += 1;
				}
			}
			expect(refused).toBeGreaterThan(0);
			expect(store.consume(use("later"), until)).toBe("consumed");
			store.close();
		});
	});
}
