import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { sha256Of } from "../../../src/app/open-export.ts";

const MIB = 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), "assent-hashed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])(
	"a file of %i bytes has its SHA-256, each byte told once",
	async (size) => {
		const bytes = Buffer.alloc(size, "assent");
		const file = join(folder, String(size));
		writeFileSync(file, bytes);
		let told = 0;
		const hash = await sha256Of(file, (more) => {
			told += more;
		});
		expect(hash).toBe(createHash("sha256").update(bytes).digest("hex"));
		expect(told).toBe(size);
	},
);

it("a file of 48 MiB is hashed in 1 MiB, not in as much as it is long until somebody collects it", async () => {
	const file = join(folder, "long");
	writeFileSync(file, Buffer.alloc(48 * MIB, 1));
	const held = (): number => process.memoryUsage().arrayBuffers;
	const before = held();
	let most = 0;
	await sha256Of(file, () => {
		most = Math.max(most, held() - before);
	});
	expect(most).toBeLessThan(4 * MIB);
});
