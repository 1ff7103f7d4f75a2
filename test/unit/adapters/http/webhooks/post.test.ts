/** One message to receivers of every kind: what comes of it, and that no reason names the address. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Posted, post } from "../../../../../src/adapters/http/webhooks/post.ts";

const sent = (url: string, part: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Posted> =>
	post(url, { headers: {}, body: "{}", timeoutMs: 5_000, signal: new AbortController().signal, ...part });

async function listening(server: Server & { closeAllConnections(): void }): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

const receiving = async (listener: RequestListener): Promise<string> =>
	`http://127.0.0.1:${await listening(createServer(listener))}/secret-path`;

const answering = (status: number, headers: Record<string, string> = {}): Promise<string> =>
	receiving((request, response) => {
		request.resume().on("end", () => response.writeHead(status, headers).end("why"));
	});

describe("a message", () => {
	it.each([200, 201, 204])("is taken where the answer is %i", async (status) => {
		expect(await sent(await answering(status))).toEqual({ kind: "taken" });
	});

	it.each([301, 307, 400, 404, 410, 429, 500, 503])("is refused where the answer is %i", async (status) => {
		expect(await sent(await answering(status))).toEqual({ kind: "refused", why: `it answered ${status}`, waitMs: 0 });
	});

	it("is taken by the status, however slowly and however long the rest of the answer comes", async () => {
		const url = await receiving((_, response) => {
			response.writeHead(200);
			const more = setInterval(() => response.write("x".repeat(10_000)), 5);
			response.once("close", () => clearInterval(more));
		});
		expect(await sent(url, { timeoutMs: 60_000 })).toEqual({ kind: "taken" });
	});

	it("is taken where the connection breaks behind the status", async () => {
		const url = await receiving((_, response) => {
			response.writeHead(200, { "content-length": 1_000 });
			response.write("x");
			setImmediate(() => response.destroy());
		});
		expect(await sent(url)).toEqual({ kind: "taken" });
	});

	it("is refused where no answer comes in time, or none at all", async () => {
		const url = await receiving(() => {});
		expect(await sent(url, { timeoutMs: 20 })).toEqual({
			...{ kind: "refused", why: "no answer within 20 ms", waitMs: 0 },
		});
		const cut = await receiving((request) => request.socket.destroy());
		expect(await sent(cut)).toMatchObject({ kind: "refused", waitMs: 0 });
		const gone = createServer();
		const port = await listening(gone);
		await new Promise((resolve) => gone.close(resolve));
		expect(await sent(`http://127.0.0.1:${port}/`)).toEqual({ kind: "refused", why: "ECONNREFUSED", waitMs: 0 });
	});

	it("is not sent to a port of mail, and the reason says so", async () => {
		expect(await sent("http://127.0.0.1:25/")).toEqual({
			...{ kind: "refused", why: "its port is one that nothing is posted to", waitMs: 0 },
		});
	});

	it.each([
		["seconds", "7", 7_000],
		["parts of seconds", "60.5", 61_000],
		["more seconds than anybody waits", "99999999999999999999", 1e23],
		["nothing that is a time", "soon", 0],
		["a date that is over", "Fri, 31 Dec 1999 23:59:59 GMT", 0],
	])("waits as long as the receiver asks for: %s", async (_, header, waitMs) => {
		expect(await sent(await answering(429, { "retry-after": header }))).toMatchObject({ waitMs });
	});

	it("waits until the date that the receiver asks for", async () => {
		const url = await answering(503, { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() });
		const { waitMs } = (await sent(url)) as { waitMs: number };
		expect(waitMs).toBeGreaterThan(3_000_000);
		expect(waitMs).toBeLessThanOrEqual(3_600_000);
	});

	it("does not go to a server that nobody vouches for, nor to one under another name", async () => {
		const folder = mkdtempSync(join(tmpdir(), "assent-post-"));
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
		const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
		const made = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=elsewhere"];
		execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
		let isAsked = false;
		const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
			isAsked = true;
			response.end();
		});
		const posted = await sent(`https://127.0.0.1:${await listening(server)}/secret-path`);
		expect(posted).toMatchObject({ kind: "refused", why: "DEPTH_ZERO_SELF_SIGNED_CERT" });
		expect(isAsked).toBe(false);
	});
});
