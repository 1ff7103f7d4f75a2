/**
 * Questions to the process that decides on a log file, over a socket beside it: one line of JSON there, one back. Only the
 * file's owner can ask, and an answer is taken only from a socket of the file's owner. Where no socket can be had nobody is
 * asked: everything that is answered here can be read from the log, more slowly.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import type { DurationMs } from "../../core/model/units.ts";
import type { Questions } from "../../ports/questions.ts";

/** Unix sockets take 104 to 108 bytes, with the final zero. */
const PATH_BYTES = 100;
const QUESTION_MAX = 16 * 1024;
/** A process that decides answers between two appends. */
const ANSWER_MS: DurationMs = 1_000;

const nameFor = (logPath: string, own: string): string => `${logPath}.${own}.ask`;

/** Questions through the sockets beside a log file. */
export const questionsBeside = (logPath: string): Questions => ({
	ask: (question) => ask(logPath, question),
	serve: (answer) => serveQuestions(logPath, answer),
});

/** Null where no socket can be had. */
async function serveQuestions(
	logPath: string,
	answer: (question: unknown) => Promise<unknown>,
): Promise<{ close(): Promise<void> } | null> {
	const path = nameFor(logPath, randomBytes(4).toString("hex"));
	if (process.platform === "win32" || Buffer.byteLength(path) > PATH_BYTES) return null;
	for (const other of await socketsOf(logPath)) if (!(await isAlive(other))) rmSync(other, { force: true });
	const callers = new Set<Socket>();
	const server = createServer((caller) => {
		callers.add(caller);
		caller.on("close", () => callers.delete(caller));
		caller.on("error", () => caller.destroy());
		hear(caller, answer);
	});
	const isOpen = await new Promise<boolean>((resolve) => {
		server.once("error", () => resolve(false));
		server.listen(path, () => {
			try {
				chmodSync(path, 0o600);
			} catch {
				// Another process that starts may have taken it for one that nobody answers at.
				server.close();
				resolve(false);
				return;
			}
			server.removeAllListeners("error");
			server.on("error", () => {});
			server.unref();
			resolve(true);
		});
	});
	if (!isOpen) return null;
	return {
		close: () =>
			new Promise((resolve) => {
				for (const caller of callers) caller.destroy();
				server.close(() => resolve());
			}),
	};
}

function hear(caller: Socket, answer: (question: unknown) => Promise<unknown>): void {
	let text = "";
	caller.setEncoding("utf8");
	caller.unref();
	caller.on("data", (part: string) => {
		text += part;
		const end = text.indexOf("\n");
		if (end === -1) {
			if (text.length > QUESTION_MAX) caller.destroy();
			return;
		}
		const line = text.slice(0, end);
		text = "";
		void reply(line, answer).then((line) => caller.end(`${line}\n`));
	});
}

async function reply(line: string, answer: (question: unknown) => Promise<unknown>): Promise<string> {
	try {
		return JSON.stringify({ answer: await answer(JSON.parse(line)) });
	} catch {
		return "{}";
	}
}

async function ask(logPath: string, question: unknown): Promise<unknown> {
	for (const path of await socketsOf(logPath)) {
		const answer = await askAt(path, question);
		if (answer !== undefined) return answer;
	}
	return undefined;
}

/** The sockets beside the file that have the owner of the file. */
async function socketsOf(logPath: string): Promise<readonly string[]> {
	const folder = dirname(logPath);
	const isName = /^\.[0-9a-f]{8}\.ask$/;
	try {
		const { uid } = await stat(logPath);
		const names = (await readdir(folder)).filter(
			(name) => name.startsWith(basename(logPath)) && isName.test(name.slice(basename(logPath).length)),
		);
		const found = await Promise.all(
			names.map(async (name) => {
				const path = join(folder, name);
				const state = await stat(path).catch(() => null);
				return state?.isSocket() && state.uid === uid ? path : null;
			}),
		);
		return found.filter((path) => path !== null);
	} catch {
		return [];
	}
}

function askAt(path: string, question: unknown): Promise<unknown> {
	return new Promise((resolve) => {
		const socket = connect(path);
		const parts: string[] = [];
		const end = (answer: unknown): void => {
			socket.destroy();
			resolve(answer);
		};
		socket.setEncoding("utf8");
		socket.setTimeout(ANSWER_MS, () => end(undefined));
		socket.on("error", () => end(undefined));
		socket.on("data", (part: string) => parts.push(part));
		socket.on("end", () => {
			try {
				end((JSON.parse(parts.join("")) as { answer?: unknown }).answer ?? undefined);
			} catch {
				end(undefined);
			}
		});
		socket.write(`${JSON.stringify(question)}\n`);
	});
}

const isAlive = (path: string): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = connect(path);
		socket.on("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.on("error", () => resolve(false));
	});
