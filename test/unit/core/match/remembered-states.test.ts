/** What searches remember together is bounded, and what they find does not depend on it. */
import { expect, it } from "vitest";
import { positionGraph } from "../../../../src/core/language/position-graph.ts";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import { PositionSteps } from "../../../../src/core/match/position-steps.ts";
import { RememberedStates } from "../../../../src/core/match/remembered-states.ts";
import { StateSearch } from "../../../../src/core/match/state-search.ts";

function searchFor(text: string, remembered?: RememberedStates): StateSearch {
	const pattern = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return new StateSearch(
		new PositionSteps([positionGraph(pattern.value.tree, "backward")]),
		"backward",
		...(remembered === undefined ? [] : [remembered]),
	);
}

/** Letters that lead to ever new sets of positions. */
function strangeText(length: number): string {
	let seed = 7;
	return Array.from({ length }, () => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return "abbc"[seed >>> 30];
	}).join("");
}

it("is forgotten where all searches together have too much, but for the search that is at work", () => {
	const remembered = new RememberedStates(20_000);
	const sources = Array.from({ length: 20 }, (_, at) => `a[abc]{${at + 8}}c[ab]{3}`);
	const searches = sources.map((source) => searchFor(source, remembered));
	const text = strangeText(3_000);
	const reading = { from: text.length, to: 0, want: "last", settledFrom: null } as const;
	let most = 0;
	for (let round = 0; round < 3; round++) {
		for (const [at, search] of searches.entries()) {
			expect(search.find(text, reading), sources[at]).toBe(searchFor(sources[at] as string).find(text, reading));
			most = Math.max(most, remembered.used);
		}
	}
	// One of them alone has more than that: 64 numbers for each of some 1,000 states.
	expect(most).toBeGreaterThan(20_000);
	expect(most).toBeLessThan(400_000);
});

it("counts nothing of a search that has forgotten", () => {
	const remembered = new RememberedStates(10);
	const forgotten: string[] = [];
	const search = (name: string) => ({
		forget() {
			forgotten.push(name);
			remembered.remove(this);
		},
	});
	const [one, other] = [search("one"), search("other")];
	remembered.add(one, 6);
	remembered.add(other, 4);
	expect([forgotten, remembered.used]).toEqual([[], 10]);
	remembered.add(other, 1);
	expect([forgotten, remembered.used]).toEqual([["one"], 5]);
	remembered.remove(other);
	remembered.remove(other);
	expect(remembered.used).toBe(0);
});
