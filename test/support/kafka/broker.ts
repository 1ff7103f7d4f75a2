/**
 * One broker's process: started, killed, paused, started again on its folder.
 *
 * A broker never outlives the process that started it. What ends by itself kills its brokers on `exit`; what is killed
 * cannot, so a shell holds a pipe from it, sees the pipe close, kills the broker and removes its folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Access, askBroker } from "./access.ts";
import { brokerCommand } from "./installation.ts";

/** One broker of a cluster that was started here. */
export interface BrokerHandle {
	readonly id: number;
	/** `host:port` */
	readonly address: string;
	/** Where it logs warnings and errors. */
	readonly logPath: string;
	readonly isRunning: boolean;
	/** SIGKILL. Resolves when the process is gone. */
	kill(): Promise<void>;
	/** SIGTERM. Resolves when the process is gone; it is killed when that takes more than 20 s, as without a quorum. */
	stop(): Promise<void>;
	/** SIGSTOP: connections stay open and nobody answers. */
	pause(): void;
	/** SIGCONT. */
	resume(): void;
	/** Stops it if it runs, and starts it on the same folder and ports. Resolves when it answers and counts as alive. */
	restart(): Promise<void>;
}

/** What a broker's process is made of. */
export interface BrokerPlan {
	readonly id: number;
	readonly address: string;
	readonly clusterId: string;
	/** The folder of this node, with `server.properties`. */
	readonly folder: string;
	/** What the guard removes when the starter is killed; null keeps everything. */
	readonly scratch: string | null;
	readonly access: Access;
	/** A folder of classes that it finds beside its own. */
	readonly classes?: string;
}

const READY_MS = 60_000;
const STOP_MS = 20_000;
/** Waits for its pipe to close; Ctrl-C in a terminal reaches it too and must not end it first. */
const GUARD = `trap "" INT TERM HUP; read -r _; kill -9 "$1"; [ -z "$2" ] || { sleep 0.5; rm -rf -- "$2"; }`;

const running = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/** Starts a broker. `ready` rejects with the last lines of its log when it ends or does not answer within a minute. */
export async function startBroker(plan: BrokerPlan): Promise<{ broker: BrokerHandle; ready: () => Promise<void> }> {
	const logPath = join(plan.folder, "broker.log");
	const consolePath = join(plan.folder, "console.log");
	let child = await launch();

	async function launch(): Promise<ChildProcess> {
		const properties = join(plan.folder, "server.properties");
		const [command, args] = await brokerCommand({ properties, log: logPath, classes: plan.classes ?? null });
		const output = openSync(consolePath, "a");
		const started = spawn(command, args, { cwd: plan.folder, stdio: ["ignore", output, output] });
		closeSync(output);
		await new Promise<void>((resolve, reject) => started.once("spawn", resolve).once("error", reject));
		const guard = spawn("sh", ["-c", GUARD, "guard", String(started.pid), plan.scratch ?? ""], {
			stdio: ["pipe", "ignore", "ignore"],
		});
		running.add(started);
		started.once("exit", () => {
			running.delete(started);
			guard.kill("SIGKILL");
		});
		return started;
	}

	const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;

	async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
		if (!isRunning()) return;
		const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
		child.kill("SIGCONT");
		child.kill(signal);
		const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
		await gone;
		clearTimeout(late);
	}

	async function ready(): Promise<void> {
		const deadline = Date.now() + READY_MS;
		let last: unknown;
		while (Date.now() < deadline && isRunning()) {
			try {
				// Where a port is taken it is somebody else's broker that answers.
				const { clusterId, alive } = await askBroker(plan.address, plan.access);
				if (clusterId === plan.clusterId && alive.includes(plan.id)) return;
				last = `the one who answers is of cluster ${clusterId} with the brokers ${alive}`;
			} catch (thrown) {
				last = thrown;
			}
			await delay(100);
		}
		const what = isRunning() ? `does not answer after ${READY_MS / 1_000} s (${last})` : `ended (${endOf(child)})`;
		throw new Error(`Kafka broker ${plan.id} at ${plan.address} ${what}\n${lastLines([logPath, consolePath])}`);
	}

	const broker: BrokerHandle = {
		id: plan.id,
		address: plan.address,
		logPath,
		get isRunning() {
			return isRunning();
		},
		kill: () => end("SIGKILL"),
		stop: () => end("SIGTERM"),
		pause: () => void child.kill("SIGSTOP"),
		resume: () => void child.kill("SIGCONT"),
		restart: async () => {
			await end("SIGTERM");
			child = await launch();
			await ready();
		},
	};
	return { broker, ready };
}

const endOf = (child: ChildProcess): string => child.signalCode ?? `exit code ${child.exitCode}`;

/** Each file's name and its last lines, without the stacks. */
const lastLines = (paths: readonly string[]): string =>
	paths
		.filter((path) => existsSync(path))
		.map((path) => {
			const lines = readFileSync(path, "utf8").trim().split("\n");
			const said = lines.filter((line) => !/^\s+(?:at |\.\.\. \d+ more)/.test(line)).slice(-15);
			return `${path}:\n${said.join("\n")}`;
		})
		.join("\n");
