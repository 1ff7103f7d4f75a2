/** The generated writers and readers are what `npm run schemas` makes of the shapes. */
import { describe, expect, it } from "vitest";
import { READERS } from "../../../../src/core/codec/generated/readers.ts";
import { WRITERS } from "../../../../src/core/codec/generated/writers.ts";
import { REGISTRY } from "../../../../src/core/codec/registry.ts";
import { codecFiles } from "../../../../tools/codec/straight-line.ts";
import { textOf } from "../../../support/repository.ts";

describe("the generated codec", () => {
	it.each(codecFiles())("$path is what `npm run schemas` writes", ({ path, text }) => {
		expect(textOf(path)).toBe(text);
	});

	it("serves every present record", () => {
		const present = REGISTRY.schemas.filter(({ isCurrent }) => isCurrent).map(({ shape }) => shape.name);
		expect(Object.keys(WRITERS).sort()).toEqual([...present].sort());
		expect(Object.keys(READERS).sort()).toEqual([...present].sort());
		for (const { shape, isCurrent, codec } of REGISTRY.schemas) {
			if (isCurrent) expect(codec()).toMatchObject({ read: READERS[shape.name], write: WRITERS[shape.name] });
		}
	});
});
