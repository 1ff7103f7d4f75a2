/** One simple command whose words are known: what it is, what it runs, what it reads and writes. */

import { apiRequest } from "./api-requests.ts";
import { Builtins } from "./builtins.ts";
import { commandFact, type Seen } from "./command-fact.ts";
import { deedAttributes } from "./deeds.ts";
import { fed, fileOfWords, isFeeder } from "./fed.ts";
import { addFiles } from "./files.ts";
import { readGivenTexts } from "./given-texts.ts";
import { globbedProgram } from "./globs.ts";
import { baseName } from "./heads.ts";
import { addHosts, addNamedUrls, addProxies } from "./hosts.ts";
import type { Inner } from "./inner.ts";
import { isShell } from "./interpreters.ts";
import { type Input, NO_INPUT } from "./redirects.ts";
import type { Session } from "./session.ts";
import { scriptOf } from "./shell-words.ts";
import type { Position, Standing } from "./standing.ts";
import { decodedLayer, staticOutput } from "./static-output.ts";
import { traitsOf } from "./traits.ts";
import { readTransfer } from "./transfers.ts";
import type { Field } from "./words.ts";
import { innerCommands } from "./wrappers.ts";
import { fileRead, keepWritten, runWritten } from "./written.ts";

type Call = (
	name: string,
	parameters: readonly Field[],
	position: Position,
) => "unknown" | "recursive" | { readonly output: string | null };

export class Run {
	readonly #session: Session;
	readonly #read: (text: string) => void;
	readonly #call: Call;
	readonly #builtins: Builtins;
	/** Encodings that the pipeline so far has undone. */
	layers: readonly string[] = [];

	constructor(session: Session, read: (text: string) => void, call: Call) {
		this.#session = session;
		this.#read = read;
		this.#call = call;
		this.#builtins = new Builtins(session);
	}

	/** What it puts out, where that is constant. */
	run(argv: readonly Field[], standing: Standing): string | null {
		const [name] = argv;
		if (name === undefined) return "";
		const args = argv.slice(1);
		// The name that a shell has is its own.
		const named = name.text === "$0" && args[0]?.text === "-c" ? "sh" : programOf(name);
		const traits = named === null ? null : traitsOf(named);
		const program = traits?.program ?? null;
		if (this.#isEscape(name)) this.#session.add("call", standing.spot, ESCAPE);
		if (program !== null) {
			const called = this.#call(name.text, args, standing);
			if (typeof called === "object") return called.output;
			if (called === "recursive") {
				const isInPipe = standing.isBackground || standing.from.length > 0 || standing.to.length > 0;
				this.#emit(program, name, args, standing, {
					runs: null,
					recursive: isInPipe ? "pipe" : "plain",
					others: NO_INNER,
				});
				return null;
			}
		}
		const runs = runWritten(this.#session, { program, name, args }, this.#read);
		if (traits === null || program === null) {
			this.#emit(null, name, args, standing, { runs, recursive: null, others: NO_INNER });
			return null;
		}
		const inner = traits.runsOthers && !traits.isShell ? innerCommands(program, args) : NO_INNER;
		const own = ownWords(args, inner);
		this.#emit(program, name, own, standing, { runs, recursive: null, others: inner });
		if (traits.isShell) this.#runShell(program, args, standing);
		else this.#runInner(program, args, inner, standing);
		if (standing.env.length > 0) this.#runSettings(program, standing);
		if (traits.takesTexts) readGivenTexts(this.#session, program, args, standing);
		if (traits.isHttpClient) this.#transfer(program, args, standing);
		else
			addFiles(
				this.#session,
				program,
				withFed(program, own === args || namesFiles(own) || namesFiles(args.slice(0, 2)) ? args : own, standing),
				standing,
			);
		if (traits.reachesHosts) addHosts(this.#session, program, args, standing.spot);
		else if (!traits.isHttpClient) addNamedUrls(this.#session, program, args, standing.spot);
		if (traits.asksApi) this.#askApi(program, args, standing);
		if (traits.namesDeeds) this.#nameDeed(program, args, standing);
		if (traits.keeps) keepWritten(this.#session, program, args, standing);
		// The lines of what is not known are not known.
		const isOfUnknown = program === "grep" && standing.input.text === null;
		if (traits.hasStaticOutput && !isOfUnknown) return this.#output(program, args, standing.input);
		this.layers = [];
		return null;
	}

	/** `!sh` as a program's name: what pagers, editors and debuggers take for a command to run, not what history had. */
	#isEscape({ text }: Field): boolean {
		if (!text.includes("!") || !/^:?!/.test(text) || !/^:?![\w./~-]/.test(text)) return false;
		return text.includes("/") || this.#session.programs.length > 0 || isShell(text.replace(/^:?!/, ""));
	}

	#emit(
		program: string | null,
		name: Field,
		args: readonly Field[],
		standing: Standing,
		{ runs, recursive, others }: Pick<Seen, "runs" | "recursive" | "others">,
	): void {
		this.#session.add(
			"command",
			standing.spot,
			commandFact({
				program,
				name,
				args,
				standing,
				substitutes: this.#session.substituted,
				runs,
				recursive,
				others,
				isAfter: this.#session.programs.length > 0,
			}),
		);
		if (program !== null) this.#session.programs.push(program);
	}

	#runInner(program: string, args: readonly Field[], all: readonly Inner[], standing: Standing): void {
		const session = this.#session;
		for (const inner of all) {
			if (inner.kind === "text") session.nested(inner.text, standing.spot, [inner.via], false, this.#read);
			else if (isFeeder(program)) this.#feed(program, inner.args, args, standing);
			else this.#runAlong(inner.via, inner.args, standing, program === "env" ? settingsIn(args) : NONE);
		}
		if (program === "parallel" && all.length === 0) this.#feed(program, [], args, standing);
		const own = this.#builtins.run(program, args, standing);
		if (own !== null) session.nested(own.text, standing.spot, [own.via], false, this.#read);
	}

	#runAlong(via: string, args: readonly Field[], standing: Standing, env: readonly string[] = NONE): void {
		this.#session.along([via], () => this.run(args, { ...standing, env, outputs: [], isWrapped: true }));
	}

	/** What `xargs` and `parallel` run with the words of their input. */
	#feed(program: string, words: readonly Field[], args: readonly Field[], standing: Standing): void {
		const session = this.#session;
		const text = fileOfWords(session, args) ?? standing.input.text;
		const run = fed(program, words, text, args);
		if (run.kind === "texts")
			for (const each of run.texts) session.nested(each, standing.spot, [program], false, this.#read);
		else
			session.along([program], () => {
				const input = text === null ? standing.input : NO_INPUT;
				this.run(run.args, { ...standing, input, env: [], outputs: [], isWrapped: true });
			});
	}

	/** Programs that settings in front of a command name. */
	#runSettings(program: string, { env, spot }: Standing): void {
		addProxies(this.#session, program, env, spot);
		for (const each of env) {
			const [, name, text] = PROGRAM_SETTING.exec(each) ?? [];
			if (text !== undefined) this.#session.nested(text, spot, [name as string], false, this.#read);
		}
	}

	#runShell(program: string, args: readonly Field[], { input, spot, env }: Standing): void {
		const session = this.#session;
		const script = scriptOf(args);
		if (script.kind === "text") {
			if (/^(?:\$\([\s\S]*\)|`[^`]*`)$/.test(script.text) && !script.isStatic) return;
			session.subshell(() => {
				for (const each of env) setPlain(session, each);
				session.scope.parameters = script.parameters;
				session.scope.zero = script.zero;
				session.nested(script.text, spot, [`${program} -c`], false, this.#read);
			});
		} else if (script.kind === "input" && input.text !== null) {
			const isDecoded = input.layers.length > 0;
			const { text } = input;
			session.subshell(() => {
				session.scope.parameters = [];
				session.nested(text, spot, [...input.layers, `| ${program}`], isDecoded, this.#read);
			});
			if (!isDecoded) return;
			const isScript = text.startsWith("#!") || /\n\s*\S/.test(text.trim());
			session.add("encoding", spot, { layer: input.layers, runs: [isScript ? "script" : "command"] });
		}
	}

	#transfer(program: string, args: readonly Field[], standing: Standing): void {
		const session = this.#session;
		const { saves, sendsInput } = readTransfer(program, args, {
			at: session.place(standing.spot),
			redirected: standing.outputs,
			to: session.to,
		});
		for (const output of saves) {
			session.fetched.set(output.replace(/^\.\//, ""), true);
			addWritten(session, output, standing);
		}
		if (sendsInput && standing.from.length > 0)
			session.add("command", standing.spot, {
				program: ["upload-of-input"],
				from: standing.from,
				input: ["pipe"],
			});
	}

	#askApi(program: string, args: readonly Field[], { spot }: Standing): void {
		for (const { kind, has } of apiRequest(program, args, this.#session.place(spot)))
			this.#session.along([`${program} api`], () => this.#session.add(kind, spot, has));
	}

	/** What a tool of that name would be. */
	#nameDeed(program: string, args: readonly Field[], { spot }: Standing): void {
		const has = deedAttributes(program, args);
		if (has !== null) this.#session.along([program], () => this.#session.add("tool", spot, has));
	}

	#output(program: string, args: readonly Field[], input: Input): string | null {
		const words = args.map(({ text }) => text);
		const file = input.kind === "none" ? fileRead(this.#session, words) : null;
		const texts = file?.args ?? words;
		const layer = decodedLayer(program, texts);
		this.layers = layer === null ? input.layers : [...input.layers, layer];
		if (layer !== null) this.#session.add("encoding", { pos: 0, end: 0 }, { layer: [layer] });
		if (!args.every(({ isStatic }) => isStatic)) return null;
		const isFed = input.kind === "none" || input.text === null;
		return staticOutput(program, texts, file?.text ?? (isFed ? null : input.text));
	}
}

const NO_INNER: readonly Inner[] = [];
const NONE: readonly string[] = [];

/** `NAME=value` in front of what `env` runs. */
const settingsIn = (args: readonly Field[]): readonly string[] =>
	args.flatMap(({ text, isStatic }) => (isStatic && /^[A-Za-z_]\w*=/.test(text) ? [text] : []));

/** A variable that a shell is given, unless its value is known only when it runs. */
function setPlain(session: Session, setting: string): void {
	const equals = setting.indexOf("=");
	const text = setting.slice(equals + 1);
	if (!/[$`]/.test(text)) session.scope.set(setting.slice(0, equals), { text, isStatic: true });
}

const PROGRAM_SETTING =
	/^((?:GIT_|MAN|SYSTEMD_|AWS_)?PAGER|(?:GIT_(?:SEQUENCE_)?)?EDITOR|VISUAL|BROWSER|PROMPT_COMMAND|GIT_(?:SSH_COMMAND|EXTERNAL_DIFF|PROXY_COMMAND)|[A-Z]+_PASS(?:WORD_)?COMMAND|FZF_DEFAULT_COMMAND)=(\S*\s.*)$/s;
const ESCAPE = { name: ["code:shell"], program: ["!"] };

/** Of a program that only runs another: its own words, without those of the other. */
function ownWords(args: readonly Field[], inner: readonly Inner[]): readonly Field[] {
	const [first] = inner;
	if (first?.kind !== "argv" || inner.length > 1) return args;
	const start = args.indexOf(first.args[0] as Field);
	return start < 0 ? args : [...args.slice(0, start), ...args.slice(start + first.args.length)];
}

const namesFiles = (own: readonly Field[]): boolean => own.some(({ text }) => text.includes("/"));

function addWritten(session: Session, path: string, { spot }: Standing): void {
	addFiles(session, "tee", [{ text: path, isStatic: true, pos: spot.pos, end: spot.end }], { spot });
}

/** With files that it is given by their names in its input. */
function withFed(program: string, args: readonly Field[], { input: { text }, spot }: Standing): readonly Field[] {
	if (text === null || !/^(?:cpio|pax|afio)$/.test(program)) return args;
	return [...args, ...text.split("\n").map((name) => ({ text: name, isStatic: true, pos: spot.pos, end: spot.end }))];
}

/** Builtins of a shell: a file of that name is something else. */
const IN_NO_FILE = /(?<!\/s?bin)\/(?:command|builtin|eval|exec|source|export|alias)$/;

/** Null: not known before it runs. */
function programOf({ text, isStatic }: Field): string | null {
	if (isStatic && text.includes("/") && IN_NO_FILE.test(text)) return text;
	if (isStatic)
		return text.startsWith("/") && /[?*[]/.test(text) ? (globbedProgram(text) ?? baseName(text)) : baseName(text);
	const left = text.replace(/\$\{\w+\}|\$\w/g, "");
	const base = baseName(text);
	if (!base.includes("$") && !base.includes("`")) return base;
	const bare = baseName(left);
	return left !== "" && text !== left && /^[\w.-]{2,}$/.test(bare) && !/[$`(]/.test(left) && !/^\$\w+$/.test(text)
		? bare
		: null;
}
