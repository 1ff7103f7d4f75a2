/**
 * `npm run api-check [-- --seed N --examples N]`: a real `assent dev`, and schemathesis, which asks it what its OpenAPI document
 * describes, and what it forbids, with a key of every role. No answer may be a 5xx, or have a status, a type or a body that is
 * not in the document. Ends with `N passed, N failed`: one for each operation, and some for the whole.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RoleProcess, run } from "../gateway-loop/role.ts";
import { Checks } from "../kill-loop/checks.ts";

const { values } = parseArgs({
	options: { seed: { type: "string", default: "1" }, examples: { type: "string", default: "20" } },
});
const here = import.meta.dirname;
const ANSWERS = [
	"not_a_server_error",
	"status_code_conformance",
	"content_type_conformance",
	"response_headers_conformance",
	"response_schema_conformance",
	"unsupported_method",
	"allow_header_conformance",
	"ignored_auth",
];
const checks = new Checks();
const folder = await mkdtemp(join(tmpdir(), "assent-api-check-"));
const log = ["--log", `file:${join(folder, "log.db")}`];
const policy = ["--policy", join(here, "policy.yaml")];
const dev = new RoleProcess(["dev", "--json", "--quiet", "--gateway-port", "0", ...policy, ...log]);
if (!(await dev.start().ready)) throw new Error("`assent dev` did not start");
const { url } = JSON.parse(await readFile(join(folder, "gateway.json"), "utf8")) as { url: string };
const key = await everyRole();
const held = await ask("POST", "/v1/intents", { id: "held-1", tool: "hold.deploy", args: { to: "production" } });
const described = (await ask("GET", "/openapi.json")).body as { paths: Record<string, object> };
const operations = Object.values(described.paths).flatMap((path) => Object.keys(path)).length;

const code = await schemathesis();
const report = await readFile(join(folder, "report.xml"), "utf8").catch(() => "");
const told = (name: string): number => Number(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(report)?.[1] ?? -1);
const bad = Math.max(told("failures"), 0) + Math.max(told("errors"), 0);
checks.passed += Math.max(told("tests") - bad, 0);
checks.failed += bad;
checks.check("a call was held for the approvals to be about", held.status === 202, JSON.stringify(held.body));
checks.check(
	"every operation of the document was asked",
	told("tests") === operations && told("skipped") === 0,
	`${told("tests")} of ${operations}, ${told("skipped")} skipped`,
);
checks.check("schemathesis found nothing", code === 0, `exit code ${code}`);
checks.check("`assent dev` lives, and ends with 0", (await dev.end("SIGTERM")) === 0);
await rm(folder, { recursive: true });
checks.end();

async function everyRole(): Promise<string> {
	const roles = ["agent", "approver", "operator", "auditor"];
	const whose = ["--tenant", "default", "--agent", "*", "--name", "ann@example.com"];
	const keys = ["--keys", join(folder, "keys.yaml")];
	const issued = await run(["keys", "issue", "--role", ...roles, ...whose, "--json", ...keys]);
	return (JSON.parse(issued) as { secret: string }).secret;
}

async function ask(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
	const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
	const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
	return { status: response.status, body: await response.json() };
}

async function schemathesis(): Promise<number | null> {
	const { seed, examples } = values;
	const drawing = ["--seed", seed, "--max-examples", examples, "--generation-database", "none"];
	const phases = ["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure"];
	const reports = ["--report", "junit", "--report-junit-path", join(folder, "report.xml"), "--no-color"];
	const asking = ["-H", `Authorization: Bearer ${key}`, "--request-timeout", "20", "--checks", ANSWERS.join(",")];
	const child = spawn(
		join(here, ".venv", "bin", "st"),
		[
			"--config-file",
			join(here, "schemathesis.toml"),
			"run",
			`${url}/openapi.json`,
			...asking,
			...drawing,
			...phases,
			...reports,
		],
		// What it remembers of a run has no part in the next.
		{ cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
	);
	return ((await once(child, "exit")) as [number | null])[0];
}
