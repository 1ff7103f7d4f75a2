/** An option without its value does not take the next option for it. */
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { refuseMissingValue } from "../../../../src/cli/options/missing-value.ts";

function refused(...args: readonly string[]): string | null {
	const silent = { writeErr: () => {} };
	const erase = new Command("erase").option("--intent <id>").option("-p, --policy <file...>").option("--yes");
	const audit = new Command("audit").addCommand(erase);
	const program = new Command("assent").addCommand(audit).version("1");
	for (const each of [program, audit, erase]) each.exitOverride().configureOutput(silent);
	try {
		refuseMissingValue(program, args);
		return null;
	} catch (thrown) {
		return (thrown as Error).message;
	}
}

describe("an option whose value is left out", () => {
	it.each([
		[["audit", "erase", "--intent", "--yes"], "'--yes' is an option; as a value it is written '--intent=--yes'"],
		[["audit", "erase", "--intent", "--policy=a"], "'--policy' is an option"],
		[["audit", "erase", "--yes", "-p", "--intent", "x"], "'--intent' is an option"],
		[["audit", "erase", "--intent", "--help"], "'--help' is an option"],
	])("is refused: %j", (args, why) => {
		expect(refused(...args)).toContain(why);
		expect(refused(...args)).toContain("argument missing");
	});

	it.each([
		[["audit", "erase", "--intent=--yes"]],
		[["audit", "erase", "--intent", "--elsewhere", "--yes"]],
		[["audit", "erase", "--intent", "-5"]],
		[["audit", "erase", "-p", "a", "b", "--intent", "x", "--yes"]],
		[["audit", "erase", "--yes", "--", "--intent", "--yes"]],
		[["audit", "--help"]],
		[["nothing", "--intent", "--yes"]],
		[[]],
	])("is not seen where there is a value: %j", (args) => {
		expect(refused(...args)).toBe(null);
	});
});
