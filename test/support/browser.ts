/**
 * A real browser, driven over the Chrome DevTools Protocol: what a page looks like, says and asks for. Chromium is found by
 * CHROMIUM, or under its usual names. Without one the tests are skipped and say why; with ASSENT_REQUIRE_BROWSER=1 they fail.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"] as const;

export interface Viewport {
	readonly width: number;
	readonly height: number;
	readonly scheme: "light" | "dark";
	/** A telephone: touched, and with a screen of its own. */
	readonly isMobile?: boolean;
}

function executable(): string | null {
	const told = process.env["CHROMIUM"];
	if (told !== undefined) return told;
	const { stdout } = spawnSync("sh", ["-c", NAMES.map((name) => `command -v ${name}`).join(" || ")], {
		encoding: "utf8",
	});
	return stdout.trim() === "" ? null : stdout.trim();
}

/** Whether tests with a browser run here. */
export function isBrowserWanted(): boolean {
	if (executable() !== null || process.env["ASSENT_REQUIRE_BROWSER"] === "1") return true;
	process.stderr.write(`\n!!! SKIPPED: ${MISSING} ASSENT_REQUIRE_BROWSER=1 fails instead.\n`);
	return false;
}

const MISSING = "there is no Chromium here: install the package `chromium`, or say in CHROMIUM where it is.";

export class Browser {
	readonly #process: ChildProcess;
	readonly #folder: string;
	readonly #socket: WebSocket;
	readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
	readonly #listeners = new Set<(event: DevToolsEvent) => void>();
	#calls = 0;

	private constructor(process: ChildProcess, folder: string, socket: WebSocket) {
		this.#process = process;
		this.#folder = folder;
		this.#socket = socket;
		socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data))));
	}

	static async open(): Promise<Browser> {
		const program = executable();
		if (program === null) throw new Error(MISSING);
		const folder = await mkdtemp(join(tmpdir(), "assent-browser-"));
		const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
		const quiet = [
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--hide-scrollbars",
		];
		const args = [...flags, ...quiet, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"];
		const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
		const url = await new Promise<string>((resolve, reject) => {
			let said = "";
			child.stderr.on("data", (chunk) => {
				said += String(chunk);
				const [, found] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
				if (found !== undefined) resolve(found);
			});
			child.once("error", reject);
			child.once("exit", (code) => reject(new Error(`the browser ended with ${code}:\n${said}`)));
		});
		const socket = new WebSocket(url);
		await once(socket, "open");
		return new Browser(child, folder, socket);
	}

	/** A tab of its own, with everything that it asked for and complained of from the beginning. */
	async page(viewport: Viewport): Promise<Page> {
		const { targetId } = (await this.call("Target.createTarget", { url: "about:blank" })) as { targetId: string };
		const attached = await this.call("Target.attachToTarget", { targetId, flatten: true });
		const { sessionId } = attached as { sessionId: string };
		const page = new Page(this, sessionId);
		this.#listeners.add((event) => event.sessionId === sessionId && page.hear(event));
		await page.begin(viewport);
		return page;
	}

	async call(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
		const id = ++this.#calls;
		const answer = Promise.withResolvers<unknown>();
		this.#answers.set(id, answer);
		this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
		return answer.promise;
	}

	async close(): Promise<void> {
		const ended = once(this.#process, "exit");
		this.#process.kill("SIGKILL");
		await ended;
		await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
	}

	#hear(event: DevToolsEvent): void {
		if (event.id === undefined) {
			for (const listener of this.#listeners) listener(event);
			return;
		}
		const answer = this.#answers.get(event.id);
		this.#answers.delete(event.id);
		if (event.error === undefined) answer?.resolve(event.result);
		else answer?.reject(new Error(event.error.message));
	}
}

interface DevToolsEvent {
	readonly id?: number;
	readonly sessionId?: string;
	readonly method?: string;
	readonly params?: Readonly<Record<string, unknown>>;
	readonly result?: unknown;
	readonly error?: { readonly message: string };
}

export class Page {
	/** Addresses that were asked for. */
	readonly requests: string[] = [];
	/** What the console was told, and exceptions that nobody caught. */
	readonly complaints: string[] = [];
	readonly #browser: Browser;
	readonly #session: string;
	#loaded = Promise.withResolvers<void>();

	constructor(browser: Browser, session: string) {
		this.#browser = browser;
		this.#session = session;
	}

	hear({ method, params = {} }: DevToolsEvent): void {
		if (method === "Page.loadEventFired") this.#loaded.resolve();
		if (method === "Network.requestWillBeSent")
			this.requests.push((params as { request: { url: string } }).request.url);
		if (method === "Runtime.consoleAPICalled" || method === "Runtime.exceptionThrown" || method === "Log.entryAdded")
			this.complaints.push(JSON.stringify(params));
	}

	async begin({ width, height, scheme, isMobile = false }: Viewport): Promise<void> {
		for (const domain of ["Page", "Network", "Runtime", "Log"]) await this.#call(`${domain}.enable`);
		const screen = { width, height, deviceScaleFactor: isMobile ? 2 : 1, mobile: isMobile };
		await this.#call("Emulation.setDeviceMetricsOverride", screen);
		const features = [{ name: "prefers-color-scheme", value: scheme }];
		await this.#call("Emulation.setEmulatedMedia", { features });
	}

	async go(url: string): Promise<void> {
		this.#loaded = Promise.withResolvers();
		await this.#call("Page.navigate", { url });
		await this.#loaded.promise;
	}

	/** What an expression is, as JSON carries it. */
	async evaluate<Out>(expression: string): Promise<Out> {
		const params = { expression, returnByValue: true, awaitPromise: true };
		const { result, exceptionDetails } = (await this.#call("Runtime.evaluate", params)) as {
			result: { value: Out };
			exceptionDetails?: { exception?: { description?: string } };
		};
		if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? "it threw");
		return result.value;
	}

	/** A PNG of what is in sight. */
	async screenshot(): Promise<Buffer> {
		const params = { format: "png" };
		const { data } = (await this.#call("Page.captureScreenshot", params)) as { data: string };
		return Buffer.from(data, "base64");
	}

	#call(method: string, params: object = {}): Promise<unknown> {
		return this.#browser.call(method, params, this.#session);
	}
}
