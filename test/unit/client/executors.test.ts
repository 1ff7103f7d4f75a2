import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ToolCallDenied } from "../../../src/client/call-errors.ts";
import { AssentClient, type ClientOptions } from "../../../src/client/client.ts";
import { randomOf, VirtualTime } from "../../simulation/virtual-time.ts";
import { LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

const EPOCH = 1_700_000_000_000;
const WHO = { tenant: "acme", agent: "coder", session: "run-1" };
const SECRET = new Uint8Array(32).fill(7);
const CALL = { tenant: "acme", agent: "coder", id: "one" };
let time: VirtualTime;

beforeEach(() => {
	time = new VirtualTime();
	time.install(randomOf(1));
});
afterEach(() => time.uninstall());

async function begin(policy = TEST_POLICY): Promise<LogWorld> {
	const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) } });
	await world.policies(policy);
	await startProcessor(world);
	await time.advance(100);
	return world;
}

/** Clients with one secret, as two workers of one program have. */
const connect = (world: LogWorld, of: Partial<ClientOptions> = {}): Promise<AssentClient> =>
	new AssentClient({
		log: world.handle(),
		layout: world.layout,
		principal: WHO,
		clock: world.clock,
		secret: SECRET,
		...of,
	}).start();

const grant = (world: LogWorld) =>
	world.control({ type: "approval.granted", issuedBy: "alice", call: CALL, session: "run-1", comment: "" });

const messageOf = (settled: PromiseSettledResult<unknown>): string =>
	settled.status === "fulfilled" ? `ran: ${settled.value}` : (settled.reason as Error).message;

/** A tool that takes 10 s, and counts its runs. */
function slowTool() {
	const ran: string[] = [];
	const body = async ({ to }: { to: string }): Promise<string> => {
		ran.push(to);
		await time.sleep(10_000);
		return `sent to ${to}`;
	};
	return { ran, body };
}

describe("one id", () => {
	it("asked five times at once by one client is run once, and all are handed what came of it", async () => {
		const world = await begin(TEST_POLICY.replace("max: 1000}", "max: 1}"));
		const client = await connect(world);
		const { ran, body } = slowTool();
		const send = client.guard("mail.send", body);
		const asking = Promise.all([1, 2, 3, 4, 5].map(() => send({ to: "ann" }, { id: "one" })));
		expect(await time.until(asking, 12_000)).toEqual(new Array(5).fill("sent to ann"));
		expect(ran).toEqual(["ann"]);
		await time.until(client.close(), 1_000);
	});

	it("whose run fails fails for all who asked", async () => {
		const world = await begin();
		const client = await connect(world);
		let runs = 0;
		const fail = client.guard("mail.send", async () => {
			runs += 1;
			await time.sleep(100);
			throw new RangeError("no such address");
		});
		const asking = Promise.allSettled([fail({}, { id: "one" }), fail({}, { id: "one" })]);
		expect((await time.until(asking, 1_000)).map(messageOf)).toEqual(["no such address", "no such address"]);
		expect(runs).toBe(1);
		await time.until(client.close(), 1_000);
	});

	it("with other arguments, of another tool or in another session is another call, and denied", async () => {
		const world = await begin();
		const client = await connect(world);
		const { ran, body } = slowTool();
		const send = client.guard("mail.send", body);
		const asking = Promise.allSettled([
			send({ to: "ann" }, { id: "one" }),
			send({ to: "bob" }, { id: "one" }),
			client.guard("mail.forward", body)({ to: "ann" }, { id: "one" }),
			send({ to: "ann" }, { id: "one", session: "run-2" }),
		]);
		const [first, ...others] = await time.until(asking, 12_000);
		expect(messageOf(first)).toBe("ran: sent to ann");
		for (const other of others) {
			expect(other).toMatchObject({ reason: { decision: { reasons: [{ code: "intent.id_reused" }] } } });
		}
		expect(ran).toEqual(["ann"]);
		await time.until(client.close(), 1_000);
	});

	it("of a generator is read by one, and the second asker is told", async () => {
		const world = await begin();
		const client = await connect(world);
		let begun = 0;
		const count = client.guard("mail.list", async function* () {
			begun += 1;
			yield 1;
			yield 2;
		});
		const read = async (): Promise<number[]> => {
			const items: number[] = [];
			for await (const item of count({}, { id: "one" })) items.push(item as number);
			return items;
		};
		const [first, second] = await time.until(Promise.allSettled([read(), read()]), 2_000);
		expect(first).toMatchObject({ value: [1, 2] });
		expect(second).toMatchObject({ reason: { name: "ToolCallDenied", decision: { verdict: "allow" } } });
		expect(begun).toBe(1);
		await time.until(client.close(), 1_000);
	});

	it("asked by two clients is run by one, and the other is told that it is taken", async () => {
		const world = await begin();
		const clients = [await connect(world), await connect(world)];
		const { ran, body } = slowTool();
		const asking = Promise.allSettled(
			clients.map((client) => client.guard("mail.send", body)({ to: "ann" }, { id: "one" })),
		);
		const settled = await time.until(asking, 12_000);
		expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		const denied = settled.find(({ status }) => status === "rejected") as PromiseRejectedResult;
		expect(denied.reason).toBeInstanceOf(ToolCallDenied);
		expect(denied.reason).toMatchObject({ decision: { verdict: "allow", status: "taken" } });
		expect((denied.reason as Error).message).toContain("another program asked for a call with this id");
		expect(ran).toEqual(["ann"]);
		// The denied one has attested nothing: the outcome counts.
		const kinds = (await world.entries()).map(({ kind }) => kind);
		expect(kinds.filter((kind) => kind === "usage.settled")).toHaveLength(1);
		await time.until(Promise.all(clients.map((client) => client.close())), 1_000);
	});

	it("for which two clients wait is run by one of them once it is granted", async () => {
		const world = await begin();
		const clients = [await connect(world), await connect(world)];
		const { ran, body } = slowTool();
		const asking = Promise.allSettled(
			clients.map((client) => client.guard("pay.send", body)({ to: "ann" }, { id: "one" })),
		);
		await time.advance(40_000);
		await grant(world);
		const settled = await time.until(asking, 60_000);
		expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		expect(ran).toEqual(["ann"]);
		await time.until(Promise.all(clients.map((client) => client.close())), 1_000);
	});

	it("is run by the one who still waits when who asked last is gone", async () => {
		const world = await begin();
		const staying = await connect(world);
		const leaving = await connect(world);
		const { ran, body } = slowTool();
		const asking = staying.guard("pay.send", body)({ to: "ann" }, { id: "one" });
		await time.advance(100);
		void leaving
			.guard("pay.send", body)({ to: "ann" }, { id: "one" })
			.catch(() => {});
		await time.advance(100);
		await time.until(leaving.close(), 1_000);
		await grant(world);
		expect(await time.until(asking, 60_000)).toBe("sent to ann");
		expect(ran).toEqual(["ann"]);
		await time.until(staying.close(), 1_000);
	});

	it("whose hold was returned is run by the one that asks again after the grant, once", async () => {
		const world = await begin();
		const client = await connect(world);
		const { ran, body } = slowTool();
		const pay = client.guard("pay.send", body, { request: { onHold: "return" } });
		await expect(time.until(pay({ to: "ann" }, { id: "one" }), 1_000)).rejects.toThrow("is waiting for human approval");
		await grant(world);
		await time.advance(100);
		const other = await connect(world);
		const asking = [client, other].map((each) => each.guard("pay.send", body)({ to: "ann" }, { id: "one" }));
		const settled = await time.until(Promise.allSettled(asking), 60_000);
		expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		expect(ran).toEqual(["ann"]);
		await time.until(Promise.all([client.close(), other.close()]), 1_000);
	});
});

describe("a wait that is given up", () => {
	it("does not close a call that another client has", async () => {
		const world = await begin();
		const running = await connect(world);
		const { ran, body } = slowTool();
		const asking = running.guard("mail.send", body)({ to: "ann" }, { id: "one" });
		await time.advance(100);
		await running.abandon({ ...CALL, session: "run-1", executor: "somebody else" }, "gave up");
		expect(await time.until(asking, 12_000)).toBe("sent to ann");
		await time.advance(1_000);
		const kinds = (await world.entries()).map((entry) => (entry.kind === "input.rejected" ? entry.code : entry.kind));
		expect(kinds.slice(1)).toEqual(["decision.made", "intent.taken", "usage.settled"]);
		expect(ran).toEqual(["ann"]);
		await time.until(running.close(), 1_000);
	});
});

describe("askers who share a run", () => {
	const stopping = () => {
		const stop = new AbortController();
		return { signal: stop.signal, stop: (why: string) => stop.abort(new Error(why)) };
	};

	it("stop each by their own signal, and the run goes on for the others", async () => {
		const world = await begin();
		const client = await connect(world);
		const { ran, body } = slowTool();
		const send = client.guard("mail.send", body);
		const [one, two] = [stopping(), stopping()];
		const first = Promise.allSettled([send({ to: "ann" }, { id: "one", signal: one.signal })]);
		const second = Promise.allSettled([send({ to: "ann" }, { id: "one", signal: two.signal })]);
		const third = send({ to: "ann" }, { id: "one" });
		await time.advance(1_000);
		two.stop("second went");
		expect((await time.until(second, 10)).map(messageOf)).toEqual(["second went"]);
		one.stop("first went");
		expect((await time.until(first, 10)).map(messageOf)).toEqual(["first went"]);
		expect(await time.until(third, 12_000)).toBe("sent to ann");
		expect(ran).toEqual(["ann"]);
		await time.until(client.close(), 1_000);
	});

	it("give the call up, or stop its tool, only when all have stopped", async () => {
		const world = await begin();
		const client = await connect(world);
		const [one, two] = [stopping(), stopping()];
		const pay = client.guard("pay.send", async () => "paid");
		const asking = Promise.allSettled([one, two].map(({ signal }) => pay({ to: "ann" }, { id: "one", signal })));
		await time.advance(100);
		const abandoned = async () => (await world.entries()).filter(({ kind }) => kind === "intent.abandoned").length;
		one.stop("first went");
		await time.advance(100);
		expect(await abandoned()).toBe(0);
		two.stop("second went");
		expect((await time.until(asking, 100)).map(messageOf)).toEqual(["first went", "second went"]);
		await time.advance(100);
		expect(await abandoned()).toBe(1);

		const [three, four] = [stopping(), stopping()];
		let told: string[] = [];
		const wait = client.guard("mail.send", (_args, { signal }) => {
			signal.addEventListener("abort", () => told.push(String((signal.reason as Error).message)));
			return time.sleep(5_000).then(() => "sent");
		});
		const running = Promise.allSettled([three, four].map(({ signal }) => wait({}, { id: "two", signal })));
		await time.advance(100);
		three.stop("third went");
		expect(told).toEqual([]);
		four.stop("fourth went");
		expect(told).toEqual(["fourth went"]);
		expect((await time.until(running, 6_000)).map(messageOf)).toEqual(["third went", "ran: sent"]);
		told = [];
		await time.until(client.close(), 1_000);
	});

	it("are told of the hold if they want it returned, whoever asked first and whenever they come", async () => {
		const world = await begin();
		const client = await connect(world);
		const { ran, body } = slowTool();
		const pay = client.guard("pay.send", body);
		const ask = (onHold: "wait" | "return") => pay({ to: "ann" }, { id: "one", onHold });
		const early = Promise.allSettled([ask("return")]);
		const waiting = ask("wait");
		await time.advance(1_000);
		const late = Promise.allSettled([ask("return")]);
		const told = [...(await time.until(early, 10)), ...(await time.until(late, 10))];
		for (const each of told) expect(each).toMatchObject({ reason: { decision: { verdict: "hold", status: "held" } } });
		await grant(world);
		await time.advance(5_000);
		const sharing = ask("return");
		expect(await time.until(Promise.all([waiting, sharing]), 60_000)).toEqual(["sent to ann", "sent to ann"]);
		expect(ran).toEqual(["ann"]);
		await time.until(client.close(), 1_000);
	});

	it("hand a generator to the first who still waits, whose signal stops it as long as it is read", async () => {
		const world = await begin();
		const client = await connect(world);
		const [one, two] = [stopping(), stopping()];
		const list = client.guard("pay.send", async function* (_args: object, { signal }) {
			for (let at = 0; !signal.aborted; at++) yield at;
			return "stopped";
		});
		const left = Promise.allSettled([list({}, { id: "one", signal: one.signal })]);
		const read = list({}, { id: "one", signal: two.signal });
		await time.advance(100);
		one.stop("first went");
		expect((await time.until(left, 10)).map(messageOf)).toEqual(["first went"]);
		await grant(world);
		const items = await time.until(read, 60_000);
		expect(await time.until(items.next(), 10)).toEqual({ done: false, value: 0 });
		two.stop("second went");
		expect(await time.until(items.next(), 10)).toEqual({ done: true, value: "stopped" });
		await time.until(client.close(), 1_000);
	});
});
