/** How programs that run another one stand before it: which of their own words come first. A table of what each manual says. */
export interface Shape {
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
	"e env u user w workdir v volume p publish name network net h hostname entrypoint l label m memory cpus mount device cap-add cap-drop security-opt ip dns add-host env-file detach-keys pid ipc userns uts ulimit tmpfs restart platform pull log-driver log-opt gpus runtime shm-size volumes-from link expose c cpu-shares cgroupns group-add kernel-memory memory-swap memory-reservation requires ulimit-file pids-limit cpu-period cpu-quota cpuset-cpus stop-timeout sysctl health-cmd stop-signal annotation index";
/** Options of ssh that take a word. */
export const SSH_VALUED = "b c D E e F I i J L l m O o p Q R S W w B";
const NPX = "p package w workspace prefix registry";
const XARGS = "I L n P s d a E max-args max-procs max-lines delimiter arg-file eof replace max-chars process-slot-var";
const KUBECTL = "n namespace c container context kubeconfig cluster user image f filename";

/** By program, in the order in which they are tried. */
export const SHAPES: ReadonlyMap<string, readonly Shape[]> = new Map(
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
		"arch-chroot": shape("u", { operands: 1 }),
		schroot: shape("c u d s p chroot user directory shell"),
		busybox: shape(),
		toybox: shape(),
		xargs: shape(XARGS),
		gxargs: shape(XARGS),
		parallel: shape(
			"j jobs a arg-file I S sshlogin joblog delay timeout colsep d N n L P max-procs results tmpdir workdir",
		),
		watch: shape("n d interval", { joins: true }),
		viddy: shape("n", { joins: true }),
		ssh: shape(SSH_VALUED, { operands: 1, joins: true }),
		autossh: shape(`${SSH_VALUED} M`, { operands: 1, joins: true }),
		rsh: shape("l", { operands: 1, joins: true }),
		...Object.fromEntries(
			["pssh", "parallel-ssh"].map((name) => [
				name,
				shape("h H l p t o e O x X par hosts host user timeout outdir errdir extra-args option", { joins: true }),
			]),
		),
		pdsh: shape("w x l f t u R g", { joins: true }),
		clush: shape("w x g X l f o t u", { joins: true }),
		dsh: shape("m g f r o F", { joins: true }),
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
		rlwrap: shape("a f H l C b P S s p"),
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
		screen: shape("S c s t e h Logfile T p"),
		expect: shape("f", { texts: "" }),
		"ssh-agent": shape("a t E P"),
		entr: shape(),
		chronic: shape(),
		eatmydata: shape(),
		tini: shape("p e"),
		"dumb-init": shape("r rewrite"),
		heaptrack: shape("o output"),
		nsjail: shape("", { dashed: true }),
		gdbserver: shape("", { operands: 1 }),
		abduco: shape("c n A a e", {}),
		konsole: shape("p profile workdir T title", { joins: true }),
		alacritty: shape("config-file o option working-directory t title class", { joins: true }),
		xterm: shape("T n geometry fn fa fs bg fg display title class name xrm", { joins: true }),
		hatch: shape("e env", { sub: ["run"] }),
		mise: shape("C cd", { sub: ["exec"], dashed: true }),
		guix: shape("", { sub: ["shell"], dashed: true }),
		zellij: shape("n name d cwd", { sub: ["run"], dashed: true }),
		etcdctl: shape("endpoints ttl", { operands: 1, sub: ["lock"] }),
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
