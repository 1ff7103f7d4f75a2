import { describe, expect, it } from "vitest";
import { renderTable, widthOf } from "../../../../src/cli/output/table.ts";

const plain = { colors: false };

describe("a table", () => {
	it("aligns words to the left and numbers to the right", () => {
		const rows = [
			["coding", "1,250"],
			["ops", "7"],
		];
		expect(renderTable(["rule", "calls"], rows, plain)).toBe("rule    calls\ncoding  1,250\nops         7");
	});

	it("counts the dash for none as a number, and nothing else", () => {
		expect(renderTable(["n"], [["-"], ["120"]], plain)).toBe("  n\n  -\n120");
		expect(renderTable(["n"], [["12a"], ["1"]], plain)).toBe("n\n12a\n1");
	});

	it("keeps columns in line beside wide characters", () => {
		const rows = [
			["请求", "x"],
			["ab", "y"],
		];
		expect(renderTable(["name", "to"], rows, plain)).toBe("name  to\n请求  x\nab    y");
		expect(widthOf("请求")).toBe(4);
		expect(widthOf("👩‍🚀")).toBe(2);
	});

	it("fills missing cells and has no blanks at the end of a line", () => {
		expect(renderTable(["a", "b"], [["x"], ["y", "z"]], plain)).toBe("a  b\nx\ny  z");
	});

	it("dims its head on a terminal and has no escapes elsewhere", () => {
		expect(renderTable(["a"], [["x"]], { colors: true })).toBe("\u001b[2ma\u001b[0m\nx");
		expect(renderTable(["a"], [["x"]], plain)).not.toContain("\u001b");
	});

	it("stands with a head alone", () => {
		expect(renderTable(["a", "b"], [], plain)).toBe("a  b");
	});
});

describe("what agents write", () => {
	it("cannot steer a terminal from inside a cell", () => {
		expect(renderTable(["tool"], [["\u001b[2Jrm\nx"]], plain)).toBe("tool\n\\u001b[2Jrm\\u000ax");
	});
});
