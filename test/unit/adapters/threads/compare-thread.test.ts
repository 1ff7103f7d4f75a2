/** What a comparison may take: beyond that there is no answer, and the process goes on. */
import { describe, expect, it } from "vitest";
import { comparedOrThrow } from "../../../../src/adapters/http/gateway/policy-sources.ts";
import { threadComparer } from "../../../../src/adapters/threads/compare-thread.ts";
import { ComparisonUnfinished } from "../../../../src/ports/policy-comparer.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n";

/** Patterns whose difference takes much memory to find. */
const hungry = (from: number) => [
	{
		name: "p.yaml",
		text: `${HEAD}patterns:\n${Array.from(
			{ length: 60 },
			(_, at) =>
				`  - { name: r${at}, regex: 'a{1,${100 + ((from + at) % 50)}}b[^c]{2,${100 + (at % 40)}}x${from + at}', in: args.x }\n`,
		).join("")}`,
	},
];

const simple = [{ name: "p.yaml", text: HEAD }];
const budgetRoot = "tenant" as const;

describe("a comparison", () => {
	it("that takes more memory than it may gives no answer, and those behind it are made", async () => {
		const comparer = threadComparer({ heapMb: 40 });
		const first = comparer.compare({ first: hungry(0), second: hungry(3), budgetRoot });
		const second = comparer.compare({ first: simple, second: simple, budgetRoot });
		await expect(first).rejects.toThrow(new ComparisonUnfinished("the comparison took more than 40 MB"));
		expect(await second).toMatchObject({ ok: true, value: { relation: "equal" } });
	});

	it("without an answer is refused, and a fault of the thread is none of the caller's", async () => {
		const pair = { first: simple, second: simple, budgetRoot };
		const late = threadComparer({ waitMs: 0 });
		await expect(comparedOrThrow(late, pair)).rejects.toMatchObject({
			code: "GATEWAY_REQUEST",
			message: expect.stringContaining("was not finished within 0 ms") as string,
		});
		const broken = { compare: () => Promise.reject(new TypeError("a slip")) };
		await expect(comparedOrThrow(broken, pair)).rejects.toThrow(TypeError);
	});
});
