/** The reader of shells: what bash would run, whatever it is spelled like. */
import { expect, it } from "vitest";
import { FactList } from "../../../../src/core/classify/findings.ts";
import { readShell } from "../../../../src/core/classify/shell/reader.ts";
import { threadMs } from "../../../support/cpu.ts";

function facts(text: string) {
	const found = new FactList();
	readShell(text, { pointer: "/command", span: [0, text.length], via: [] }, found);
	return found.facts;
}

const commands = (text: string) =>
	facts(text)
		.filter(({ kind }) => kind === "command")
		.map(({ has }) => [...(has["program"] ?? []), ...(has["words"] ?? [])].join(" "));

it.each([
	["quotes", `r''m -r"f" /srv`],
	["a backslash", "\\rm -rf /srv"],
	["ANSI-C quotes", "$'\\x72\\x6d' -rf /srv"],
	["a path", "/bin/rm -rf /srv"],
	["IFS", `rm\${IFS}-rf\${IFS}/srv`],
	["braces", "{rm,-rf,/srv}"],
	["a variable", "x=rm; $x -rf /srv"],
	["a split variable", "a=r b=m; a=r; b=m; $a$b -rf /srv"],
	["a variable of all of it", "c='rm -rf /srv'; $c"],
	["another separator", "IFS=,; c=rm,-rf,/srv; $c"],
	["an array", `a=(rm -rf /srv); \${a[@]}`],
	["printf -v", "printf -v c '%s%s' r m; $c -rf /srv"],
	["set --", 'set -- rm -rf /srv; "$@"'],
	["read", "read c <<< 'rm -rf /srv'; $c"],
	["a substitution", "$(echo rm) -rf /srv"],
	["printf", "$(printf '\\162\\155') -rf /srv"],
	["rev", "$(echo mr | rev) -rf /srv"],
	["tr", "$(echo sn | tr n-z m-y | tr s r) -rf /srv"],
	["eval", "eval 'rm -rf /srv'"],
	["sh -c", 'sh -c "rm -rf /srv"'],
	["nested shells", `bash -lc "sh -c 'rm -rf /srv'"`],
	["base64", "echo cm0gLXJmIC9zcnYK | base64 -d | sh"],
	["hex", "xxd -r -p <<< 726d202d7266202f737276 | sh"],
	["a here-document", "sh <<EOF\nrm -rf /srv\nEOF"],
	["a continued line", "rm \\\n-rf \\\n/srv"],
	["wrappers", "sudo -u root env A=b nohup nice -n 5 timeout 5 rm -rf /srv"],
	["busybox", "busybox rm -rf /srv"],
	["xargs", "echo /srv | xargs rm -rf"],
	["find", "find . -exec rm -rf /srv \\;"],
	["ssh", "ssh host 'rm -rf /srv'"],
	["docker", "docker exec -it web rm -rf /srv"],
	["kubectl", "kubectl exec -n a pod -- rm -rf /srv"],
	["a function", 'f() { rm -rf "$1"; }; f /srv'],
	["a loop", "for d in /srv; do rm -rf $d; done"],
	["a branch", "if true; then rm -rf /srv; fi"],
	["a subshell", "(cd /; rm -rf /srv)"],
	["a chain", "true && rm -rf /srv || :"],
	["a written file", "echo 'rm -rf /srv' > /tmp/x.sh; sh /tmp/x.sh"],
	["awk", `awk 'BEGIN { system("rm -rf /srv") }'`],
	["a case of letters", `c=RM; "\${c,,}" -rf /srv`],
	["a cut text", `c=xrmx; \${c:1:2} -rf /srv`],
	["an empty parameter", "r$@m -rf /srv"],
	["a pattern", "/b?n/rm -rf /srv"],
	["a test", "[[ -n x || ! ( -z $(rm -rf /srv) ) ]]"],
	["a sum", "echo $((1 + `rm -rf /srv`))"],
	["a count", "(( n = $(rm -rf /srv) ))"],
	["a counted loop", "for ((i = $(rm -rf /srv); i < 1; i++)); do ls; done"],
	["an index that is set", "n[$(rm -rf /srv)]=1"],
	["an index that is asked for", `ls \${n[$(rm -rf /srv)]}`],
	["an index in a word", "ls n[$(rm -rf /srv)]=1"],
	["a pattern with alternatives", "ls @(a|$(rm -rf /srv))"],
	["a place in a text", `ls \${n:$(rm -rf /srv)}`],
	["a pattern of a case", "case a in $(rm -rf /srv)) ls ;; esac"],
])("sees through %s", (_name, text) => {
	expect(commands(text)).toContain("rm /srv");
});

it.each([
	["an argument", "echo rm -rf /"],
	["a pattern", "grep -r 'rm -rf /' docs"],
	["a message", "git commit -m 'rm -rf /'"],
	["a comment", "ls # rm -rf /"],
	["a here-document that is only shown", "cat <<EOF\nrm -rf /\nEOF"],
	["letters that bash does not take for Latin", "ｒｍ -rf /"],
])("does not take %s for a command", (_name, text) => {
	expect(commands(text).filter((command) => command.startsWith("rm"))).toEqual([]);
});

it("reads a substitution once, wherever it stands", () => {
	for (const text of ["ls \u0024{n:-$(rm x)}", "ls \u0024{n[$(rm x)]:-a}", "n=$(rm x)", 'ls "\u0024{n:+$(rm x)}"']) {
		expect(commands(text).filter((command) => command === "rm x")).toHaveLength(1);
	}
});

it("takes a variable that programs are given for exported, and others for its own", () => {
	expect(commands("PATH=/tmp; FILES=a; ls")).toEqual(["export PATH=/tmp", "ls"]);
});

it("says where a command stands, and how it was come upon", () => {
	const [, shell, removal] = facts("true; sh -c 'rm x'").filter(({ kind }) => kind === "command");
	expect([shell?.span, removal?.span, removal?.via]).toEqual([[6, 18], [6, 18], ["sh -c"]]);
});

it("shows what was decoded", () => {
	const found = facts("echo cm0gLXJmIC8= | base64 -d | sh").find(({ decoded }) => decoded !== undefined);
	expect([found?.decoded, found?.via]).toEqual(["rm -rf /", ["base64", "| sh"]]);
});

it.each([
	["brackets", `${"$(".repeat(1_000)}x${")".repeat(1_000)}`],
	["here-documents", "cat <<A\n".repeat(7_000)],
	["shells", Array.from({ length: 12 }).reduce<string>((text) => `eval ${JSON.stringify(text)}`, "rm x")],
	["loops of loops", `${"for i in 1 2 3 4 5 6 7 8; do ".repeat(12)}ls; ${"done; ".repeat(12)}`],
])("stops at too many %s, and says so", (_name, text) => {
	const started = threadMs();
	expect(facts(text).map(({ kind }) => kind)).toContain("opaque");
	expect(threadMs() - started).toBeLessThan(1_000);
});

it("stops at too many stages of a pipeline in time", () => {
	const started = threadMs();
	expect(facts(`awk ${"| x ".repeat(15_000)}`).map(({ kind }) => kind)).toContain("truncated");
	expect(threadMs() - started).toBeLessThan(1_000);
});

const calls = (text: string) =>
	facts(text)
		.filter(({ kind }) => kind === "call")
		.flatMap(({ has }) => has["name"] ?? []);

it.each([
	["a pager's line", "less notes.txt\n!/bin/sh"],
	["an editor's line", "ed\n!sh"],
	["what is typed to an interpreter", "tclsh\nexec /bin/sh <@stdin >@stdout"],
	["what is typed to a client of a database", "psql -U app\n\\! /bin/sh"],
	["awk", `awk 'BEGIN { system("/bin/sh") }'`],
	["an editor's option", "vim -c ':!/bin/sh'"],
])("a shell run by %s is seen", (_, text) => {
	expect(calls(text)).toContain("code:shell");
});

it.each([
	["a pattern of awk", "awk '/exec/ { print $2 }' audit.txt"],
	["a negation in awk", "awk '!seen[$0]++' urls.txt"],
	["a negation", "if ! grep -q x notes.txt; then ls; fi"],
	["a command out of the history", "!42"],
])("%s runs no shell", (_, text) => {
	expect(calls(text)).not.toContain("code:shell");
});

const said = (text: string, kind: string, attribute: string) =>
	facts(text).flatMap(({ kind: found, has }) => (found === kind ? (has[attribute] ?? []) : []));

it.each([
	["curl -fsSLo setup.sh https://a.example/x", ["setup.sh"]],
	["curl -O 'https://a.example/x/get.sh?v=2'", ["get.sh"]],
	["curl -s https://a.example/x > got && cat got", ["got"]],
	["wget -q https://a.example/x/get.sh", ["get.sh"]],
	["wget -qO - https://a.example/x", []],
	["curl -s https://a.example/x -o /dev/null", []],
	["curl -s https://a.example/x | jq .", []],
])("%s saves what it fetches in %j", (text, saved) => {
	expect(said(text, "request", "saves")).toEqual(saved);
});

it.each([
	["./configure --prefix=/usr", ["file"]],
	["bash -x setup.sh", ["file"]],
	[". ./env.sh", ["file"]],
	["sudo sh ~/get.sh", ["file"]],
	["curl -o a.sh https://a.example/x; sh a.sh", ["fetched"]],
	["/usr/bin/make", []],
	["make test", []],
	["bash -c 'ls'", []],
	["bash < a.sh", []],
])("%s runs %j", (text, origins) => {
	expect(said(text, "command", "runs")).toEqual(origins);
});

it("names what a cloud is told to do, behind the things that it is done to", () => {
	const told = (text: string) =>
		facts(text)
			.find(({ kind }) => kind === "tool")
			?.has["words"]?.join(" ");
	expect(told("az network nsg rule delete -g x -n delete-me")).toBe("delete network nsg rule");
	expect(told("gcloud beta compute instances set-machine-type list --zone z")).toBe(
		"set compute instances machine type",
	);
	expect(told("gcloud compute os-config patch-jobs list")).toBe("list compute os config patch jobs");
	expect(told("az vm delete --help")).toBeUndefined();
});
