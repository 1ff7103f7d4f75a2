import { describe, expect, it } from "vitest";
import { type UnderWay, UnderWayList } from "../../../src/app/under-way.ts";

const message = (at: number): UnderWay => ({ place: `p-${at}`, at, isOver: false });

describe("messages under way", () => {
	it("are over up to the first that is not, in whatever order they end", () => {
		const list = new UnderWayList();
		const messages = [0, 1, 2, 3].map(message);
		for (const each of messages) list.add(each);
		const ended = (at: number): string | null => {
			(messages[at] as UnderWay).isOver = true;
			return list.advance();
		};
		expect([ended(1), ended(3)]).toEqual([null, null]);
		expect(list.open.map(({ at }) => at)).toEqual([0, 2]);
		expect(ended(0)).toBe("p-1");
		expect(ended(2)).toBe("p-3");
		expect([list.length, list.advance()]).toEqual([0, null]);
	});

	it("cost no memory once they are over, however long one before them waits", () => {
		const list = new UnderWayList();
		const first = message(0);
		list.add(first);
		for (let at = 1; at <= 10_000; at++) {
			list.add({ ...message(at), isOver: true });
			expect(list.advance()).toBeNull();
		}
		expect(list.length).toBe(2);
		first.isOver = true;
		expect(list.advance()).toBe("p-10000");
	});
});
