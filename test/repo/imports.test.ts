import { posix } from "node:path";
import { init } from "es-module-lexer";
import { beforeAll, describe, expect, it } from "vitest";
import { refusals } from "../support/import-rules.ts";
import { filesBelow, textOf } from "../support/repository.ts";

beforeAll(async () => {
	await init();
});

describe("the floors of the house", () => {
	it("hold: imports only go downwards, adapters do not know each other, and the core is pure", () => {
		const files = filesBelow("src").filter((path) => path.endsWith(".ts"));
		expect(files.length).toBeGreaterThan(10);
		const found = files.flatMap((path) =>
			refusals(path.slice("src/".length), textOf(path)).map((why) => `${path}: ${why}`),
		);
		expect(found).toEqual([]);
	});

	it.each<[string, string, string]>([
		["core/base/x.ts", 'import { a } from "../model/ids.ts";', "core/base imports core/model"],
		["core/base/x.ts", 'import type { A } from "../model/ids.ts";', "core/base imports core/model"],
		["core/ledger/x.ts", 'export * from "../audit/verify.ts";', "core/ledger imports core/audit"],
		["core/policy/x.ts", 'import type { State } from "../state/state.ts";', "core/policy imports core/state"],
		["core/engine/x.ts", 'import type { Log } from "../../ports/log/log.ts";', "core/engine imports ports"],
		["reading/x.ts", 'import { a } from "../publishing/control.ts";', "reading imports publishing"],
		["operations/x.ts", 'import type { A } from "../client/client.ts";', "operations imports client"],
		["operations/x.ts", 'import { openLog } from "../app/open-log.ts";', "operations imports app"],
		["processor/x.ts", 'import { m } from "../adapters/memory/log.ts";', "processor imports adapters/memory"],
		["adapters/memory/x.ts", 'import "../embedded/log.ts";', "adapters/memory imports adapters/embedded"],
		["adapters/kafka/x.ts", 'import { a } from "../memory/log.ts";', "adapters/kafka imports adapters/memory"],
		["app/x.ts", 'const a = await import("../cli/run.ts");', "app imports cli"],
		[
			"core/base/x.ts",
			'import { a } from "../../../test/support/x.ts";',
			"imports `../../../test/support/x.ts`, which is in no room",
		],
		["core/utils/x.ts", "", "stands in no room of the allow-list"],
		["adapters/x.ts", "", "stands in no room of the allow-list"],
		["core/base/x.ts", 'import { readFileSync } from "node:fs";', "core/base imports `node:fs`"],
		["core/engine/x.ts", 'import { connect } from "node:net";', "core/engine imports `node:net`"],
		["core/engine/x.ts", 'import { DatabaseSync } from "node:sqlite";', "core/engine imports `node:sqlite`"],
		[
			"core/engine/x.ts",
			'import { Worker as W } from "node:worker_threads";',
			"core/engine imports `node:worker_threads`",
		],
		[
			"core/engine/x.ts",
			'import { setTimeout } from "node:timers/promises";',
			"core/engine imports `node:timers/promises`",
		],
		["core/engine/x.ts", 'import pino from "pino";', "core/engine imports `pino`"],
		["core/engine/x.ts", 'import { z } from "zod";', "core/engine imports `zod`"],
		[
			"core/base/x.ts",
			'import { hash, randomBytes } from "node:crypto";',
			"core/base imports `randomBytes` of node:crypto",
		],
		["core/base/x.ts", 'import * as crypto from "node:crypto";', "core/base imports `*` of node:crypto"],
		["core/base/x.ts", "const at = Date.now();", "the core asks for `Date.now`"],
		["core/base/x.ts", "const at = new Date();", "the core asks for `new Date()`"],
		["core/base/x.ts", "const text = Date();", "the core asks for `Date(`"],
		["core/base/x.ts", 'const a = "/*"; const n = Date.now(); // "*/"', "the core asks for `Date.now`"],
		["core/base/x.ts", "const n = Math.random();", "the core asks for `Math.random`"],
		["core/base/x.ts", "setTimeout(f, 1);", "the core asks for `setTimeout`"],
		["core/base/x.ts", "names.sort((a, b) => a.localeCompare(b));", "the core asks for `localeCompare`"],
		["core/base/x.ts", "const { env } = process.versions;", "the core asks for `process.`"],
		["core/base/x.ts", "const here = import.meta.url;", "the core uses `import.meta`"],
		[
			"app/x.ts",
			'let log: import("../ports/log/log.ts").Log;',
			"has an `import(…)` that is not `await import` of a literal",
		],
		[
			"app/x.ts",
			'type L = typeof import("../ports/log/log.ts");',
			"has an `import(…)` that is not `await import` of a literal",
		],
		["app/x.ts", "const a = await import(name);", "has an `import(…)` that is not `await import` of a literal"],
		[
			"app/x.ts",
			// biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the code under test.
			"const a = await import(`./${name}.ts`);",
			"has an `import(…)` that is not `await import` of a literal",
		],
		["app/x.ts", 'import { createRequire } from "node:module";', "loads code in a way that cannot be followed"],
	])("would refuse in src/%s: %s", (path, line, why) => {
		expect(refusals(path, `/** What it is for. */\n${line}\n`)).toContain(why);
	});

	it.each<[string, string]>([
		["core/model/x.ts", 'import type { A } from "../base/json.ts";'],
		["core/audit/x.ts", 'import { judgeRecord } from "../ledger/validity.ts";'],
		["core/base/x.ts", 'import { createHash, hash } from "node:crypto";'],
		["core/base/x.ts", "// Date.now() is not asked here: see `process.` in app\nconst update = 1;"],
		["core/codec/x.ts", "const iso = (at: number): string => new Date(at).toISOString();"],
		["publishing/x.ts", 'import { POLICIES_AT } from "../reading/catalogue.ts";'],
		["operations/examine/x.ts", 'import { createHelp } from "../log-url.ts";'],
		["adapters/http/x.ts", 'import { AssentClient } from "../../client/client.ts";'],
		["client/x.ts", 'import { readToEnd } from "../ports/log/log.ts";'],
		["adapters/embedded/x.ts", 'import { DatabaseSync } from "node:sqlite";\nimport { A } from "./worker.ts";'],
		["cli/main.ts", 'const { run } = await import("./run.ts");'],
		["index.ts", 'export { AssentClient } from "./client/client.ts";'],
	])("allows in src/%s: %s", (path, line) => {
		expect(refusals(path, `/** What it is for. */\n${line}\n`)).toEqual([]);
	});

	/** Each line is one import that a capability of docs/architecture.md will need. */
	const NEXT: readonly (readonly [string, string])[] = [
		["core/analysis/compare.ts", "core/language/inclusion.ts"],
		["core/analysis/compare.ts", "core/policy/rules.ts"],
		["core/policy/evaluator.ts", "core/classify/classify.ts"],
		["core/classify/walker.ts", "core/arguments/leaves.ts"],
		["core/audit/verify.ts", "core/ledger/fold.ts"],
		["core/audit/verify.ts", "core/merkle/proof.ts"],
		["notary/notary.ts", "core/audit/note.ts"],
		["notary/notary.ts", "reading/partition-view.ts"],
		["notary/notary.ts", "ports/signer.ts"],
		["adapters/keys/ed25519.ts", "ports/signer.ts"],
		["replay/replay.ts", "reading/bundles.ts"],
		["replay/replay.ts", "core/engine/decide/decide.ts"],
		["processor/release.ts", "core/token/token.ts"],
		["client/guard.ts", "core/token/token.ts"],
		["adapters/http/gateway.ts", "client/client.ts"],
		["adapters/http/gateway.ts", "operations/holds.ts"],
		["adapters/mcp/proxy.ts", "client/client.ts"],
		["app/gateway.ts", "adapters/http/gateway.ts"],
	];

	it.each(NEXT)("have room for %s above %s, and not the other way round", (above, below) => {
		const line = (from: string, to: string): string =>
			`import { a } from "./${posix.relative(posix.dirname(from), to)}";\n`;
		expect(refusals(above, line(above, below))).toEqual([]);
		expect(refusals(below, line(below, above))).toHaveLength(1);
	});
});
