import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter } from "../../../../src/core/base/bytes.ts";
import { count, list, record, shared, text } from "../../../../src/core/base/cell.ts";

interface Note {
	readonly number: number;
	readonly words: readonly string[];
}

const noteCell = () => shared(record<Note>({ number: count, words: list(text) }));

function written(cell: ReturnType<typeof noteCell>, note: Note): Buffer {
	const writer = new ByteWriter();
	cell.write(writer, note);
	return Buffer.from(writer.written());
}

const read = (cell: ReturnType<typeof noteCell>, bytes: Buffer): Note =>
	cell.read(new ByteReader().open(bytes, 0, bytes.length));

describe("a shared value", () => {
	it("is written as it is now while anything in it can still change", () => {
		const cell = noteCell();
		const words = ["one"];
		const note = Object.freeze({ number: 1, words });
		expect(read(noteCell(), written(cell, note))).toEqual({ number: 1, words: ["one"] });
		words.push("two");
		expect(read(noteCell(), written(cell, note))).toEqual({ number: 1, words: ["one", "two"] });
	});

	it("is read as one object, in which nothing can change, and as the one that was written where that is so", () => {
		const cell = noteCell();
		const bytes = written(cell, { number: 2, words: ["one", "two"] });
		const note = read(cell, bytes);
		expect(read(cell, bytes)).toBe(note);
		expect(() => (note.words as string[]).push("three")).toThrow(TypeError);
		const own = Object.freeze({ number: 3, words: Object.freeze(["three"]) });
		expect(read(cell, written(cell, own))).toBe(own);
	});

	it("is read rightly however many there are, in any order", () => {
		const cell = noteCell();
		const notes = Array.from({ length: 2_000 }, (_, number) =>
			Object.freeze({ number, words: Object.freeze([`${number % 7}`]) }),
		);
		const bytes = notes.map((note) => written(cell, note));
		for (let at = 0; at < 10_000; at++) {
			const place = (at * 7_919) % notes.length;
			expect(read(cell, bytes[place] as Buffer)).toEqual(notes[place]);
			expect(written(cell, notes[place] as Note)).toEqual(bytes[place]);
		}
	});
});
