/**
 * `npm run gateway-loop [-- --kills N --seed N]`: a gateway and a processor in processes of their own, agents that ask over HTTP here
 * and use each call's token up before it runs, and SIGKILL for one, the other or both at random moments. Afterwards: no tool ran
 * without an allow in the ledger, no allow was used up twice, nothing ran without a use, every allowed call without an outcome is
 * on the list of the unknown, every answer was about what was asked, and the ledger decided again from its inputs is the same to
 * the byte. Ends with `N passed, N failed`.
 */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openLog } from "../../src/app/open-log.ts";
import { openTokenStore } from "../../src/app/received-tokens.ts";
import { layoutOf } from "../../src/reading/layout.ts";
import { Checks } from "../kill-loop/checks.ts";
import { Dice } from "../kill-loop/dice.ts";
import { contradicted, ledgerSays } from "../kill-loop/verdicts.ts";
import { checkLog } from "../support/checker.ts";
import { recompute } from "../support/recompute.ts";
import { AskingAgents } from "./asking.ts";
import { endsOf } from "./ends.ts";
import { Requests } from "./requests.ts";
import { RoleProcess, run } from "./role.ts";
import { UseWatch } from "./use-watch.ts";
import { TokenUses } from "./uses.ts";

const { values } = parseArgs({
	options: { kills: { type: "string", default: "200" }, seed: { type: "string", default: String(process.pid) } },
});
const kills = Number(values.kills);
const dice = new Dice(Number(values.seed));
const checks = new Checks();
const folder = await mkdtemp(join(tmpdir(), "assent-gateway-loop-"));
const log = ["--log", `file:${join(folder, "log.db")}`, "--config", join(folder, "config.yaml")];
const keys = ["--keys", join(folder, "keys.yaml")];
const policy = join(import.meta.dirname, "policy.yaml");
const port = await freePort();
process.stdout.write(`seed ${values.seed}: ${kills} kills\n`);

await copyFile(join(import.meta.dirname, "config.yaml"), join(folder, "config.yaml"));
const tokenKey = (await run(["keys", "create", "gateway-loop", "--out", join(folder, "token.key")])).trim();
await run(["topics", "create", ...log]);
const issued = await run([
	"keys",
	"issue",
	"--role",
	"agent",
	"--tenant",
	"acme",
	"--agent",
	"agent-*",
	"--json",
	...keys,
]);
const { secret: key } = JSON.parse(issued) as { secret: string };
const processor = new RoleProcess(["processor", "--json", "--log-level", "error", "--policy", policy, ...log]);
const gateway = new RoleProcess(["gateway", "--json", "--log-level", "error", "--port", String(port), ...keys, ...log]);
if (!(await processor.start().ready) || !(await gateway.start().ready)) throw new Error("a role did not start");

const requests = new Requests({ url: `http://127.0.0.1:${port}`, key });
// The file that the gateway makes beside the log.
const tokenFile = join(folder, "tokens.db");
const store = await openTokenStore(tokenFile);
const useWatch = new UseWatch(tokenFile);
const uses = new TokenUses({ requests, store, watch: useWatch, key: tokenKey, tenant: "acme" });
const agents = new AskingAgents({
	requests,
	uses,
	dice,
	agents: Array.from({ length: 12 }, (_, at) => `agent-${at}`),
});
let isOver = false;
const background = agents.load({ until: () => isOver, lanes: 24 });
await sleep(2_000);
for (let kill = 1; kill <= kills; kill++) {
	const drawn = dice.next();
	const roles = drawn < 0.45 ? [gateway] : drawn < 0.9 ? [processor] : [gateway, processor];
	// Three in four gateways die as soon as they have used a token up, mostly before they can say so.
	if (roles.includes(gateway) && dice.chance(3 / 4)) await useWatch.next({ triesMax: 250 });
	await Promise.all(roles.map((role) => role.end("SIGKILL")));
	const started = roles.map((role) => role.start());
	// A third of the kills hit a start; the others a deployment that has answered somebody since.
	if (dice.chance(2 / 3)) {
		await Promise.all(started.map(({ ready }) => ready));
		const before = agents.told.size;
		for (let waited = 0; agents.told.size === before && waited < 30_000; waited += 5) await sleep(5);
	}
	await sleep(dice.upTo(250));
	if (kill % 25 === 0) {
		process.stdout.write(
			`${kill} kills, ${agents.told.size} calls decided, ${agents.runs.size} run, ${requests.lost} requests lost\n`,
		);
	}
}
// The last kill may have hit a start.
for (const role of [gateway, processor]) {
	await role.end("SIGKILL");
	if (!(await role.start().ready)) throw new Error("a role did not start");
}
isOver = true;
await background;
// Holds expire after 2 s, calls after 5 s; what is due is written by the processor's ticks.
await sleep(8_000);
const listed = JSON.parse(await run(["calls", "unknown", "--json", ...log])) as {
	calls: { call: { id: string } }[];
};
checks.check("the gateway drains on SIGTERM and exits with 0", (await gateway.end("SIGTERM")) === 0);
checks.check("the processor drains on SIGTERM and exits with 0", (await processor.end("SIGTERM")) === 0);

const opened = await openLog(log[1] as string, { create: false });
const layout = await layoutOf(opened);
if (layout === null) throw new Error("the processor took no partition");
const said = await ledgerSays(opened);
const { allowed, ended } = await endsOf(opened);
const ran = [...agents.runs];
const allowOf = (name: string): string | undefined => allowed.get(name.slice(name.indexOf("/") + 1));
const ungoverned = ran.filter(([id, allows]) => !allows.every((name) => allowOf(name) === id)).map(([id]) => id);
const twice = ran.filter(([, allows]) => allows.length > 1).map(([id]) => id);
const usedTwice = [...uses.granted].filter(([, times]) => times > 1);
const withoutEnd = [...allowed.values()].filter((id) => !ended.has(id));
const onList = new Set(listed.calls.map(({ call }) => call.id));
const forgotten = withoutEnd.filter((id) => !onList.has(id));
const unfinished = [...agents.unfinished, ...uses.lost()];
const unseen = unfinished.filter((id) => !onList.has(id));
const contradictions = contradicted(agents.told, said);
const checked = await checkLog(opened, { layout });
const recomputed = await recompute(opened, layout);
process.stdout.write(
	`${agents.calls} calls, ${ran.length} run, ${unfinished.length} unfinished, ${onList.size} listed as unknown, ${agents.givenUp} given up\n` +
		`tokens: ${uses.grantedBy.gateway} used up at the gateway, ${uses.grantedBy.library} by the library, ${uses.lost().length} with a lost answer\n`,
);
checks.check("tools ran", ran.length > kills, `${ran.length}`);
checks.check("no tool ran without an allow in the ledger", ungoverned.length === 0, some(ungoverned));
checks.check(
	"tokens were used up at the gateway and by the library",
	uses.grantedBy.gateway > kills && uses.grantedBy.library > kills,
	JSON.stringify(uses.grantedBy),
);
checks.check("no allow was used up twice", usedTwice.length === 0, some(usedTwice));
checks.check("nothing ran whose token was not used up", uses.unused.length === 0, some(uses.unused));
checks.check("no call ran twice", twice.length === 0, some(twice));
checks.check("every allowed call without an outcome is listed as unknown", forgotten.length === 0, some(forgotten));
checks.check(
	"every call whose executor died, or lost the answer to its use, is listed as unknown",
	unseen.length === 0,
	some(unseen),
);
checks.check("every answer is about what was asked", agents.crossed.length === 0, some(agents.crossed));
checks.check("every answer is in the ledger", contradictions.length === 0, some(contradictions));
checks.check("nobody was refused", requests.unexpected.length === 0, some(requests.unexpected));
checks.check("the ledger is whole, and nothing is overspent", checked.findings.length === 0, some(checked.findings));
checks.check(
	"the ledger decided again from its inputs is byte-identical",
	recomputed.firstDifference === null && recomputed.entries === checked.counts.entries,
	JSON.stringify(recomputed),
);
await opened.close();
store.close();
useWatch.close();
if (checks.failed === 0) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`the log is kept in ${folder}\n`);
checks.end();

function some(found: readonly unknown[]): string {
	return `${found.length}: ${JSON.stringify(found.slice(0, 5))}`;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port: free } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return free;
}
