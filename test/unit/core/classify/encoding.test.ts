/** Packed texts are unpacked within bounds, and what is in them is read as if it stood there. */
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { classify } from "../../../../src/core/classify/classify.ts";
import { fromGzip } from "../../../../src/core/classify/encoding.ts";

const packed = (text: string): string => gzipSync(text).toString("base64");
const found = (tool: string, args: Record<string, string>) => {
	const { facts } = classify({ tool, args });
	return facts
		.filter(({ has }) => has["program"]?.includes("rm"))
		.map(({ has, via }) => ({ words: has["words"], via }));
};

describe("a packed text", () => {
	it.each(["gunzip", "zcat", "gzip -d", "gzip -dc", "gunzip -c"])("is unpacked by %s", (program) => {
		const command = `echo ${packed("rm -rf /srv/data\n")} | base64 -d | ${program} | sh`;
		const [removal] = found("bash", { command });
		expect(removal?.words).toEqual(["/srv/data"]);
		expect(removal?.via).toEqual(expect.arrayContaining(["base64", "gzip"]));
	});

	it.each([
		["gzip", packed("rm -rf /srv/data")],
		["zlib", deflateSync("rm -rf /srv/data").toString("base64")],
	])("is unpacked by Python's %s", (module, text) => {
		const code = `import ${module}, base64, os\nos.system(${module}.decompress(base64.b64decode('${text}')).decode())`;
		expect(found("python", { code }).map(({ words }) => words)).toEqual([["/srv/data"]]);
	});

	it("is null where it is damaged, no bytes, too long, or larger than 64 KiB when it is unpacked", () => {
		const text = gzipSync("a text").toString("latin1");
		expect(fromGzip(text)).toBe("a text");
		expect(fromGzip(text.slice(0, -9))).toBeNull();
		expect(fromGzip(`${text.slice(0, 12)}\u0142${text.slice(13)}`)).toBeNull();
		expect(fromGzip("x".repeat(65_537))).toBeNull();
		expect(fromGzip(gzipSync(Buffer.alloc(65_536, 97)).toString("latin1"))).toHaveLength(65_536);
		expect(fromGzip(gzipSync(Buffer.alloc(65_537, 97)).toString("latin1"))).toBeNull();
		expect(fromGzip(gzipSync(Buffer.alloc(50_000_000)).toString("latin1"))).toBeNull();
	});

	it("that is harmless stays harmless", () => {
		const command = `echo ${packed("ls -la\n")} | base64 -d | gunzip`;
		expect(classify({ tool: "bash", args: { command } }).dangerous).toBe(false);
	});
});
