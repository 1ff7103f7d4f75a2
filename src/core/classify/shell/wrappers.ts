/** Programs that run another program, which their own words name: where in these its words begin. */
import type { Field } from "./words.ts";

export type Inner =
	| { readonly kind: "argv"; readonly args: readonly Field[]; readonly via: string }
	| { readonly kind: "text"; readonly text: string; readonly isStatic: boolean; readonly via: string };

interface Shape {
	/** Options that take a word, without dashes. */
	readonly valued: ReadonlySet<string>;
	/** Operands in front of the command. */
	readonly operands: number;
	/** `NAME=value` words stand in front of the command. */
	readonly assigns: boolean;
	/** The words are joined and given to a shell. */
	readonly joins: boolean;
	/** Only what is behind `--` is a command. */
	readonly dashed: boolean;
	/** The first of these words must be there: `docker exec`. */
	readonly sub: readonly string[];
	/** Options whose value is a text for a shell. */
	readonly texts: ReadonlySet<string>;
}

const words = (text: string): ReadonlySet<string> => new Set(text === "" ? [] : text.split(" "));

function shape(valued = "", more: { [K in keyof Shape]?: K extends "texts" ? string : Shape[K] } = {}): Shape {
	const { operands = 0, assigns = false, joins = false, dashed = false, sub = [], texts = "" } = more;
	return { valued: words(valued), operands, assigns, joins, dashed, sub, texts: words(texts) };
}

const DOCKER =
	"e env u user w workdir v volume p publish name network net h hostname entrypoint l label m memory cpus mount device cap-add cap-drop security-opt ip dns add-host env-file detach-keys pid ipc userns uts ulimit tmpfs restart platform pull log-driver log-opt gpus runtime shm-size volumes-from link expose c cpu-shares cgroupns group-add health-cmd stop-signal annotation index";
const SSH = "b c D E e F I i J L l m O o p Q R S W w B";
const NPX = "p package w workspace prefix registry";
const XARGS = "I L n P s d a E max-args max-procs max-lines delimiter arg-file eof replace max-chars process-slot-var";
const KUBECTL = "n namespace c container context kubeconfig cluster user image f filename";

const SHAPES: ReadonlyMap<string, readonly Shape[]> = new Map(
	Object.entries({
		sudo: shape(
			"u g h p C r t T U D R user group host prompt close-from role type command-timeout other-user chdir chroot",
			{ assigns: true },
		),
		"sudo-rs": shape("u g", { assigns: true }),
		doas: shape("u C", { assigns: true }),
		dzdo: shape("u g", { assigns: true }),
		pkexec: shape("user"),
		run0: shape("u user g group unit property nice slice background setenv"),
		pfexec: shape("P"),
		ksu: shape("n c p z", { texts: "" }),
		gosu: shape("", { operands: 1 }),
		"su-exec": shape("", { operands: 1 }),
		env: shape("u C unset chdir", { assigns: true, texts: "S split-string" }),
		printenv: null,
		nohup: shape(),
		timeout: shape("k s kill-after signal", { operands: 1 }),
		gtimeout: shape("k s kill-after signal", { operands: 1 }),
		nice: shape("n adjustment"),
		ionice: shape("c n p class classdata"),
		chrt: shape("p T P D", { operands: 1 }),
		taskset: shape("", { operands: 1 }),
		time: shape("f o format output"),
		gtime: shape("f o"),
		stdbuf: shape("i o e input output error"),
		unbuffer: shape(),
		setsid: shape(),
		command: shape(),
		builtin: shape(),
		exec: shape("a"),
		chroot: shape("userspec groups", { operands: 1 }),
		busybox: shape(),
		toybox: shape(),
		xargs: shape(XARGS),
		gxargs: shape(XARGS),
		parallel: shape(
			"j jobs a arg-file I S sshlogin joblog delay timeout colsep d N n L P max-procs results tmpdir workdir",
		),
		watch: shape("n d interval", { joins: true }),
		viddy: shape("n", { joins: true }),
		ssh: shape(SSH, { operands: 1, joins: true }),
		autossh: shape(`${SSH} M`, { operands: 1, joins: true }),
		rsh: shape("l", { operands: 1, joins: true }),
		sshpass: shape("p f d P"),
		mosh: shape("p ssh", { operands: 1, texts: "server" }),
		split: shape("", { texts: "filter", dashed: true }),
		pidstat: shape("", { texts: "e", dashed: true }),
		"yt-dlp": shape("", { texts: "exec exec-before-download", dashed: true }),
		docker: [
			shape(DOCKER, { operands: 1, sub: ["exec"] }),
			shape(DOCKER, { operands: 1, sub: ["run"] }),
			shape(DOCKER, { operands: 1, sub: ["container", "exec"] }),
			shape(DOCKER, { operands: 1, sub: ["container", "run"] }),
			shape(DOCKER, { operands: 1, sub: ["compose", "exec"] }),
			shape(DOCKER, { operands: 1, sub: ["compose", "run"] }),
		],
		podman: [shape(DOCKER, { operands: 1, sub: ["exec"] }), shape(DOCKER, { operands: 1, sub: ["run"] })],
		nerdctl: [shape(DOCKER, { operands: 1, sub: ["exec"] }), shape(DOCKER, { operands: 1, sub: ["run"] })],
		"docker-compose": [shape(DOCKER, { operands: 1, sub: ["exec"] }), shape(DOCKER, { operands: 1, sub: ["run"] })],
		crictl: shape("", { operands: 1, sub: ["exec"] }),
		kubectl: [
			shape(KUBECTL, { operands: 1, sub: ["exec"], dashed: true }),
			shape(KUBECTL, { sub: ["run"], dashed: true }),
			shape(KUBECTL, { sub: ["debug"], dashed: true }),
		],
		oc: [shape(KUBECTL, { operands: 1, sub: ["exec"], dashed: true }), shape(KUBECTL, { sub: ["rsh"], operands: 1 })],
		lxc: shape("", { operands: 1, sub: ["exec"] }),
		incus: shape("", { operands: 1, sub: ["exec"] }),
		"lxc-attach": shape("n name", { dashed: true }),
		"systemd-run": shape(
			"u unit p property on-active on-boot on-calendar description M machine H slice uid gid nice working-directory timer-property setenv E on-startup on-unit-active",
		),
		"systemd-nspawn": shape("D M directory machine u user"),
		machinectl: shape("", { operands: 1, sub: ["shell"] }),
		su: shape("s shell g group G supp-group w whitelist-environment", { texts: "c command session-command" }),
		runuser: shape("u user g group s shell", { texts: "c command session-command" }),
		sg: shape("", { operands: 1, joins: true, texts: "c" }),
		newgrp: null,
		script: shape("T t B I O E o m log-timing log-in log-out log-io echo output-limit logging-format", {
			texts: "c command",
		}),
		flock: shape("w E timeout conflict-exit-code", { operands: 1, texts: "c command" }),
		setlock: shape("", { operands: 1 }),
		softlimit: shape("a d s l m c f o p r t"),
		lckdo: shape("", { operands: 1 }),
		strace: shape("e o p s a O P S u E b I trace output"),
		ltrace: shape("e o p s a n u l x"),
		catchsegv: shape(),
		valgrind: shape(),
		perf: [
			shape("e o F p", { sub: ["stat"] }),
			shape("e o F p", { sub: ["record"] }),
			shape("e o F p", { sub: ["trace"] }),
		],
		gdb: shape("ex x p c", { dashed: true }),
		rlwrap: shape("a f H"),
		"dbus-run-session": shape("", {}),
		"xvfb-run": shape("n e f p s w server-num server-args"),
		faketime: shape("f m p", { operands: 1 }),
		fakeroot: shape("l s i b"),
		proot: shape("r b w R S"),
		unshare: shape("R w S G setgroups propagation map-user map-group"),
		nsenter: shape("t S G W target"),
		capsh: shape("", { dashed: true }),
		setpriv: shape("ruid euid rgid egid reuid regid groups inh-caps bounding-set securebits selinux-label"),
		setarch: shape("", { operands: 1 }),
		linux32: shape(),
		linux64: shape(),
		i386: shape(),
		x86_64: shape(),
		prlimit: shape("p pid o output"),
		numactl: shape("m N C p"),
		choom: shape("n p", {}),
		cpulimit: shape("l p e", {}),
		torsocks: shape("u p a P"),
		torify: shape(),
		proxychains: shape("f"),
		proxychains4: shape("f"),
		tsocks: shape(),
		"aa-exec": shape("p n profile namespace"),
		"start-stop-daemon": shape(
			"n p a x u c g r d N P I k m s R name pidfile user chuid group chroot chdir nicelevel signal retry",
			{ dashed: true },
		),
		daemonize: shape("a c e o p l u E"),
		daemon: shape("f p P u o e l n name"),
		dtach: shape("c n A"),
		screen: shape("S c s t e h L"),
		expect: shape("f", { texts: "" }),
		"ssh-agent": shape("a t E P"),
		entr: shape(),
		watchexec: shape("e w i f exts watch ignore filter", { texts: "" }),
		hyperfine: shape("w r m M warmup runs N L P S export-json export-markdown prepare cleanup", { joins: true }),
		bash: null,
		bundle: shape("", { sub: ["exec"] }),
		npx: shape(NPX, { texts: "c call" }),
		pnpx: shape(NPX, { texts: "c" }),
		bunx: shape("p package"),
		uvx: shape("p python with from index-url"),
		npm: [shape(NPX, { sub: ["exec"], texts: "c call" }), shape(NPX, { sub: ["x"], texts: "c call" })],
		pnpm: [shape(NPX, { sub: ["exec"], texts: "" }), shape(NPX, { sub: ["dlx"], texts: "c" })],
		yarn: [shape("p package", { sub: ["exec"] }), shape("p package", { sub: ["dlx"] })],
		bun: shape("p package", { sub: ["x"] }),
		pipx: shape("spec python pip-args index-url", { sub: ["run"] }),
		poetry: shape("", { sub: ["run"] }),
		pipenv: shape("", { sub: ["run"] }),
		uv: shape("with p python extra", { sub: ["run"] }),
		conda: shape("n p name prefix", { sub: ["run"] }),
		cabal: shape("", { sub: ["exec"] }),
		stack: shape("", { sub: ["exec"] }),
		direnv: shape("", { operands: 1, sub: ["exec"] }),
		asdf: shape("", { sub: ["exec"] }),
		rbenv: shape("", { sub: ["exec"] }),
		pyenv: shape("", { sub: ["exec"] }),
		dotenv: shape("f e"),
		chpst: shape("u U e m d o p f c r t / n b"),
		envdir: shape("", { operands: 1 }),
		setuidgid: shape("", { operands: 1 }),
		envuidgid: shape("", { operands: 1 }),
		"nix-shell": shape("p", { texts: "run command" }),
		"flatpak-spawn": shape(""),
		distrobox: shape("n name", { operands: 1, sub: ["enter"], dashed: true }),
		toolbox: shape("c container", { sub: ["run"] }),
		vagrant: shape("", { sub: ["ssh"], texts: "c command" }),
		pexec: shape("p n c r e o"),
		multitime: shape("n i o q r s"),
		multipass: shape("", { operands: 1, sub: ["exec"], dashed: true }),
		wsl: shape("d u distribution user cd"),
		"wsl.exe": shape("d u distribution user cd"),
		"ld.so": shape(),
		at: null,
		tmux: "new-session new new-window neww split-window splitw run-shell run respawn-pane if-shell"
			.split(" ")
			.map((name) => shape("s n c t L S f e F x y l p b", { sub: [name], joins: true })),
	}).flatMap(([name, value]) =>
		value === null ? [] : [[name, Array.isArray(value) ? value : [value as Shape]] as const],
	),
);

const PACKAGE_RUNNERS = new Set(["npx", "pnpx", "bunx", "uvx", "npm", "pnpm", "yarn", "bun", "pipx"]);
const FIND = new Set(["find", "gfind", "bfs"]);
const FIND_RUNS = new Set(["-exec", "-execdir", "-ok", "-okdir"]);
const LOADER = /^ld-(?:linux|musl)[\w.-]*\.so[\w.]*$/;

export const isWrapper = (program: string): boolean => SHAPES.has(program) || FIND.has(program);

export const runsOthers = (program: string): boolean => isWrapper(program) || isLoader(program) || OTHERS.has(program);

const isLoader = (program: string): boolean => program.startsWith("ld-") && LOADER.test(program);
const OTHERS = new Set(["fd", "fdfind", "start-stop-daemon", "git", "npm", "pnpm", "just", "fzf", "sk"]);

/** The commands that these words have run; `args` are those behind the program's name. */
export function innerCommands(program: string, args: readonly Field[]): readonly Inner[] {
	if (FIND.has(program)) return found(args);
	if (program === "fd" || program === "fdfind")
		return behindFlag(program, args, ["-x", "-X", "--exec", "--exec-batch"]);
	if (program === "start-stop-daemon") return behindFlag(program, args, ["-x", "--exec", "-a", "--startas"]);
	if (program === "git") return gitCommands(args);
	if (/^p?npm$/.test(program) && args.some(({ text }) => text.startsWith("scripts.")))
		return scriptTexts(program, args);
	if (program === "just") return behindFlag(program, args, ["--command", "-c"]);
	if (program === "fzf" || program === "sk") return actions(args);
	const shapes = SHAPES.get(isLoader(program) ? "ld.so" : program);
	if (shapes === undefined) return [];
	for (const each of shapes) {
		const rest = behindSub(args, each.sub);
		if (rest === null) continue;
		const inner = shaped(program, rest, each);
		return PACKAGE_RUNNERS.has(program) ? inner.map(withoutVersion) : inner;
	}
	return [];
}

/** `tool@5`, `tool==5`: which version of a package is run says nothing of what it does. */
function withoutVersion(inner: Inner): Inner {
	const [first, ...rest] = inner.kind === "argv" ? inner.args : [];
	const name = first === undefined ? null : /^((?:@[\w.-]+\/)?[\w.-]+)(?:@|==)[\w.^~<>=*-]+$/.exec(first.text)?.[1];
	return first === undefined || name == null
		? inner
		: { ...inner, kind: "argv", args: [{ ...first, text: name }, ...rest] };
}

/** The words behind the subcommand, wherever among options it stands. */
function behindSub(args: readonly Field[], sub: readonly string[]): readonly Field[] | null {
	let rest = args;
	for (const word of sub) {
		const index = rest.findIndex(({ text }, at) => text === word && at < 8);
		if (index < 0) return null;
		rest = rest.slice(index + 1);
	}
	return rest;
}

function shaped(
	program: string,
	args: readonly Field[],
	{ valued, operands, assigns, joins, dashed, texts }: Shape,
): readonly Inner[] {
	let index = 0;
	let left = operands;
	let isDashed = false;
	for (; index < args.length; index++) {
		const { text } = args[index] as Field;
		if (text === "--") {
			isDashed = true;
			index += 1;
			break;
		}
		if (text.startsWith("-") && text.length > 1) {
			const given = textOption(text, texts, args[index + 1]);
			if (given !== null) return [{ kind: "text", ...given, via: program }];
			if (takesNext(text, valued)) index += 1;
			continue;
		}
		if (assigns && /^[A-Za-z_]\w*=/.test(text)) continue;
		if (left > 0) {
			left -= 1;
			continue;
		}
		if (
			texts.size > 0 &&
			(program === "su" || program === "runuser" || program === "script" || program === "vagrant")
		) {
			if (program !== "runuser" || args.some((arg) => texts.has(arg.text.replace(/^-+/, "").split("=")[0] as string)))
				continue;
		}
		break;
	}
	if (dashed && !isDashed) return [];
	if (isDashed && left > 0 && !dashed) index += left;
	const rest = args.slice(index);
	if (rest.length === 0) return [];
	if (!joins || rest.length === 0) return [{ kind: "argv", args: rest, via: program }];
	return [
		{
			kind: "text",
			text: rest.map(({ text }) => text).join(" "),
			isStatic: rest.every(({ isStatic }) => isStatic),
			via: program,
		},
	];
}

function textOption(
	text: string,
	texts: ReadonlySet<string>,
	next: Field | undefined,
): { text: string; isStatic: boolean } | null {
	if (texts.size === 0) return null;
	const body = text.replace(/^--?/, "");
	const [name = "", ...value] = body.split("=");
	if (text.startsWith("--")) {
		if (!texts.has(name)) return null;
		if (value.length > 0) return { text: value.join("="), isStatic: true };
		return next ?? null;
	}
	const letter = body[0] ?? "";
	if (texts.has(body.at(-1) ?? "") && /^[a-zA-Z]+$/.test(body) && body.length <= 4) return next ?? null;
	return texts.has(letter) && body.length > 1 ? { text: body.slice(1), isStatic: true } : null;
}

function takesNext(text: string, valued: ReadonlySet<string>): boolean {
	if (text.startsWith("--")) return !text.includes("=") && valued.has(text.slice(2));
	return (
		valued.has(text.slice(1)) ||
		(text.length > 2 &&
			valued.has(text.at(-1) as string) &&
			/^-[a-zA-Z]+$/.test(text) &&
			!valued.has(text[1] as string))
	);
}

function found(args: readonly Field[]): readonly Inner[] {
	const inner: Inner[] = [];
	for (let index = 0; index < args.length; index++) {
		const flag = (args[index] as Field).text;
		if (!FIND_RUNS.has(flag)) continue;
		let end = index + 1;
		while (
			end < args.length &&
			(args[end] as Field).text !== ";" &&
			!((args[end] as Field).text === "+" && args[end - 1]?.text === "{}")
		)
			end += 1;
		const words = args.slice(index + 1, end);
		if (words.length > 0) inner.push({ kind: "argv", args: words, via: `find ${flag}` });
		index = end;
	}
	return inner;
}

function behindFlag(program: string, args: readonly Field[], flags: readonly string[]): readonly Inner[] {
	const index = args.findIndex(({ text }) => flags.includes(text));
	const rest = index < 0 ? [] : args.slice(index + 1).filter(({ text }) => text !== ";" && text !== "--");
	return rest.length === 0 ? [] : [{ kind: "argv", args: rest, via: program }];
}

/** UTF-16 units of the actions of a chooser. */
const ACTIONS_MAX = 2_000;
const ACTION =
	/(?:execute(?:-silent|-multi)?|become|reload(?:-sync)?|transform[\w-]*|change-preview|preview)(?:\((.*?)\)(?=$|[,+])|\[(.*?)\](?=$|[,+])|:(.*)$)/gs;

/** Commands of a chooser's keys, of its preview and of its reload. */
function actions(args: readonly Field[]): readonly Inner[] {
	const inner: Inner[] = [];
	for (let index = 0; index < args.length; index++) {
		const { text, isStatic } = args[index] as Field;
		const [, flag, given] = /^--(bind|preview)(?:=(.*))?$/s.exec(text) ?? [];
		const value = given ?? args[index + 1]?.text;
		if (flag === undefined || value === undefined) continue;
		if (flag === "preview") inner.push({ kind: "text", text: value, isStatic, via: "fzf" });
		else
			for (const [, round, square, rest] of value.slice(0, ACTIONS_MAX).matchAll(ACTION))
				inner.push({ kind: "text", text: round ?? square ?? rest ?? "", isStatic, via: "fzf" });
	}
	return inner;
}

/** `npm pkg set scripts.NAME=TEXT`. */
const scriptTexts = (program: string, args: readonly Field[]): readonly Inner[] =>
	args.flatMap(({ text, isStatic }) => {
		const script = /^scripts\.[\w:-]+=(.+)$/s.exec(text)?.[1];
		return script === undefined ? [] : [{ kind: "text", text: script, isStatic, via: program }];
	});

/** Settings of git that name a program. */
const GIT_PROGRAM =
	/^(?:core\.(?:pager|editor|sshcommand|fsmonitor|gitproxy|askpass)|alias\.[\w-]+|pager\.[\w-]+|diff\.external|sequence\.editor|credential\.helper|gpg\.program|[\w.]+\.(?:command|cmd|textconv|clean|smudge|driver))$/i;

/** Texts that git gives to a shell. */
function gitCommands(args: readonly Field[]): readonly Inner[] {
	const inner: Inner[] = [];
	for (let index = 0; index < args.length; index++) {
		const { text, isStatic } = args[index] as Field;
		const next = args[index + 1];
		if (text === "-c" && next !== undefined) {
			const equals = next.text.indexOf("=");
			const run = next.text.slice(equals + 1).replace(/^!/, "");
			if (GIT_PROGRAM.test(next.text.slice(0, equals)) && run !== "")
				inner.push({ kind: "text", text: run, isStatic: next.isStatic, via: "git -c" });
		} else if (/^-O./.test(text) && args.some((word) => word.text === "grep")) {
			inner.push({ kind: "text", text: text.slice(2), isStatic, via: "git grep -O" });
		} else if (GIT_PROGRAM.test(text) && next !== undefined && args.some((word) => word.text === "config")) {
			// An alias without `!` is a command of git's own.
			const run =
				/^alias\./.test(text) && !next.text.startsWith("!") ? `git ${next.text}` : next.text.replace(/^!/, "");
			inner.push({ kind: "text", text: run, isStatic: next.isStatic, via: "git config" });
		} else if ((text === "bisect" && next?.text === "run") || (text === "submodule" && next?.text === "foreach")) {
			const rest = args.slice(index + 2).filter((field) => field.text !== "--recursive");
			if (text === "bisect" && rest.length > 0) inner.push({ kind: "argv", args: rest, via: "git bisect run" });
			else if (rest.length > 0)
				inner.push({
					kind: "text",
					text: rest.map((field) => field.text).join(" "),
					isStatic,
					via: "git submodule foreach",
				});
			return inner;
		} else if (
			/^(?:--exec|-x|-O|--open-files-in-pager|--(?:tree|index|msg|env|parent|commit)-filter|--extcmd|--upload-pack|--receive-pack)$/.test(
				text,
			) &&
			next !== undefined
		) {
			inner.push({ kind: "text", text: next.text, isStatic: next.isStatic, via: `git ${text}` });
		}
	}
	return inner;
}
