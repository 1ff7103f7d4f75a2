/** What a program loads that only asks: `assent/client`, and `assent` as long as it brings no policies. */
import { init } from "es-module-lexer";
import { beforeAll, describe, expect, it } from "vitest";
import { modulesOf } from "../support/module-graph.ts";

beforeAll(async () => {
	await init();
});

/** The rooms of the files, without those of the application, which are named one by one. */
const roomsOf = (files: ReadonlySet<string>): readonly string[] => {
	const rooms = [...files].map((path) => {
		const [room = "", inner = ""] = path.split("/");
		return room === "core" || room === "adapters" ? `${room}/${inner}` : room === "app" ? path : room;
	});
	return [...new Set(rooms)].sort();
};

const AT_ONCE = [
	"adapters/kafka",
	"adapters/keys",
	"adapters/memory",
	"app/client-connection.ts",
	"app/executor-tokens.ts",
	"app/make-folder.ts",
	"app/named-file.ts",
	"app/open-log.ts",
	"app/publisher-secret.ts",
	"app/received-tokens.ts",
	"app/runtime.ts",
	"app/sealing.ts",
	"app/signing-keys.ts",
	"app/warnings.ts",
	"client",
	"client.ts",
	"core/arguments",
	"core/base",
	"core/codec",
	"core/model",
	"core/token",
	"operations",
	"ports",
	"publishing",
	"reading",
];

describe("`assent/client`", () => {
	it("loads what it takes to ask, and no package", () => {
		const { files, packages } = modulesOf("client.ts", "at-once");
		expect(roomsOf(files)).toEqual(AT_ONCE);
		expect([...files].filter((path) => path.startsWith("adapters/kafka/"))).toEqual(["adapters/kafka/options.ts"]);
		expect([...packages]).toEqual([]);
	});

	it("loads what decides for one thing, to judge what operators say: no engine, no policies, no state, no ledger else", () => {
		const { files, packages } = modulesOf("client.ts", "ever", ["client/control-watch.ts"]);
		expect(roomsOf(files)).toEqual([...AT_ONCE, "adapters/embedded", "adapters/thread-file.ts"].sort());
		expect([...packages]).toEqual(["kafkajs"]);
	});
});

describe("`assent`", () => {
	it("loads no more than `assent/client` before it is given policies", () => {
		const client = modulesOf("client.ts", "at-once");
		const whole = modulesOf("index.ts", "at-once");
		expect([...whole.files].filter((path) => !client.files.has(path)).sort()).toEqual(["app/connect.ts", "index.ts"]);
		expect(whole.packages).toEqual(client.packages);
		expect(modulesOf("index.ts", "ever").packages).toContain("zod");
	});
});
