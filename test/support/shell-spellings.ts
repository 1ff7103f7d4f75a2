/** A command of plain words in other spellings, each of which bash runs as the same program with the same words. */
import { gzipSync } from "node:zlib";

export type Spell = (text: string) => string;

const words = (text: string): readonly string[] => text.split(" ");
const nameOf = (text: string): string => words(text)[0] as string;
const restOf = (text: string): readonly string[] => words(text).slice(1);
const behind = (text: string, name: string): string => [name, ...restOf(text)].join(" ");
/** Spells the program alone. */
const named =
	(spell: (name: string) => string): Spell =>
	(text) =>
		behind(text, spell(nameOf(text)));
/** Lines before a command whose program is spelled by what they set. */
const after =
	(before: (name: string) => string, name = "$x"): Spell =>
	(text) =>
		`${before(nameOf(text))}; ${behind(text, name)}`;

const codes = (text: string, radix: number, prefix: string, length = 1): string =>
	[...text].map((one) => prefix + one.charCodeAt(0).toString(radix).padStart(length, "0")).join("");
const octal = (text: string): string => codes(text, 8, "\\", 3);
const escaped = (text: string): string => codes(text, 16, "\\x");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const reversed = (text: string): string => [...text].reverse().join("");
const rot13 = (text: string): string =>
	text.replace(/[a-z]/gi, (one) => String.fromCharCode(one.charCodeAt(0) + (one.toLowerCase() < "n" ? 13 : -13)));
function base32(text: string): string {
	const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
	const groups = bits.match(/.{1,5}/g) ?? [];
	const letters = groups.map((group) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(group.padEnd(5, "0"), 2)]);
	return letters.join("").padEnd(Math.ceil(letters.length / 8) * 8, "=");
}

export const SHELL_SPELLINGS: Readonly<Record<string, Spell>> = {
	// Quotes and escapes.
	"split by quotes": named((name) => `${name[0]}''${name.slice(1)}`),
	"split by double quotes": named((name) => `"${name[0]}"${name.slice(1)}`),
	"quotes in the words": (text) =>
		[nameOf(text), ...restOf(text).map((word) => `'${word[0]}'"${word.slice(1)}"`)].join(" "),
	"one letter quoted": named((name) => `${name.slice(0, -1)}'${name.at(-1)}'`),
	backslashes: named((name) => `\\${[...name].join("\\")}`),
	"a broken line in a word": named((name) => `${name[0]}\\\n${name.slice(1)}`),
	"continued lines": (text) => `${words(text).join(" \\\n")} # tidy up`,
	"ANSI-C octal": named((name) => `$'${octal(name)}'`),
	"ANSI-C hex": named((name) => `$'${escaped(name)}'`),
	"ANSI-C code points": named((name) => `$'${codes(name, 16, "\\u", 4)}'`),
	"ANSI-C in the middle": named((name) => `${name[0]}$'${escaped(name.slice(1))}'`),
	"ANSI-C of the whole": (text) => `eval $'${escaped(text)}'`,
	"locale quotes": named((name) => `$"${name}"`),

	// Expansions.
	IFS: (text) => words(text).join(`\${IFS}`),
	"IFS cut": (text) => words(text).join("$IFS$9"),
	"another IFS": (text) => `IFS=,; x=${words(text).join(",")}; $x`,
	"a brace list": (text) => `{${words(text).join(",")}}`,
	"a brace in the name": named((name) => `${name[0]}{,}`.replace("{,}", `\${nothing}${name.slice(1)}`)),
	"an empty expansion": named((name) => `${name[0]}\${x:-}${name.slice(1)}`),
	"no parameters": named((name) => `${name[0]}$@${name.slice(1)}`),
	"no parameters, quoted": named((name) => `${name[0]}"$*"${name.slice(1)}`),
	"a default": named((name) => `\${nothing:-${name}}`),
	"an alternative": after((name) => `y=1; x=\${y:+${name}}`),
	"a variable": after((name) => `x=${name}`),
	"two variables": (text) => `a=${text.slice(0, 1)}; b=${nameOf(text).slice(1)}; ${behind(text, "$a$b")}`,
	"a variable added to": after((name) => `x=${name[0]}; x+=${name.slice(1)}`),
	"a variable that names another": after((name) => `y=${name}; x=y`, `\${!x}`),
	"a reference": after((name) => `y=${name}; declare -n x=y`),
	"a part of a variable": after((name) => `x=__${name}__`, `\${x:2:-2}`),
	"a replacement": after((name) => `x=${name[0]}@${name.slice(1)}`, `\${x/@/}`),
	"all replaced": after((name) => `x=${[...name].join("@")}`, `\${x//@}`),
	"an ending cut off": after((name) => `x=${name}.old`, `\${x%.*}`),
	"a beginning cut off": after((name) => `x=/opt/${name}`, `\${x##*/}`),
	"lower case": after((name) => `x=${name.toUpperCase()}`, `\${x,,}`),
	"lower case by declaration": after((name) => `declare -l x=${name.toUpperCase()}`),
	"an array": (text) => `a=(${text}); "\${a[@]}"`,
	"an array's members": (text) => `a=(${nameOf(text)} x); ${behind(text, `\${a[0]}`)}`,
	parameters: (text) => `set -- ${text}; "$@"`,
	"a glob": named((name) => `/usr/bin/${name.slice(0, -1)}?`),
	"a set of letters": named((name) => `/usr/bin/${name.slice(0, -1)}[${name.at(-1)}]`),
	"a full path": named((name) => `/usr/bin/${name}`),

	// Substitutions of what is printed.
	"a substitution": named((name) => `$(echo ${name})`),
	backticks: named((name) => `\`echo ${name}\``),
	printf: named((name) => `$(printf '${octal(name)}')`),
	"printf %b": named((name) => `$(printf %b '${codes(name, 8, "\\0", 3)}')`),
	"printf by letters": named((name) => `$(printf %s ${[...name].join(" ")})`),
	"printf into a variable": after((name) => `printf -v x '${escaped(name)}'`),
	arithmetic: named(
		(name) => `$(printf "${[...name].map((one) => `\\\\$(printf %03o $((${one.charCodeAt(0) - 9}+9)))`).join("")}")`,
	),
	"echo -e": named((name) => `$(echo -e '${escaped(name)}')`),
	"rev of a name": named((name) => `$(rev <<< ${reversed(name)})`),
	"sed of a name": named((name) => `$(echo ${name[0]}@${name.slice(1)} | sed s/@//)`),
	"tr of a name": named((name) => `$(tr A-Z a-z <<< ${name.toUpperCase()})`),
	"tr that deletes": named((name) => `$(echo ${[...name].join("@")} | tr -d @)`),
	"cut of a name": named((name) => `$(echo opt:${name}:x | cut -d: -f2)`),
	"head of a name": named((name) => `$(printf ${name}xx | head -c ${name.length})`),
	"awk of a name": named((name) => `$(echo opt ${name} | awk '{print $2}')`),
	"a here-document kept": after((name) => `x=$(cat <<'E'\n${name}\nE\n)`),
	"which of it": named((name) => `$(command -v ${name})`),

	// What a shell is given to run.
	base64: (text) => `echo ${base64(text)} | base64 -d | sh`,
	"base64 twice": (text) => `echo ${base64(base64(text))} | base64 -d | base64 --decode | bash`,
	"base64 in a substitution": (text) => `bash -c "$(base64 -d <<< ${base64(text)})"`,
	"base64 by openssl": (text) => `echo ${base64(text)} | openssl base64 -d -A | sh`,
	"base64 by openssl enc": (text) => `echo ${base64(text)} | openssl enc -base64 -d -A | sh`,
	"base64 that is packed": (text) => `echo ${base64(gzipSync(text))} | base64 -d | gunzip | sh`,
	base32: (text) => `echo ${base32(text)} | base32 -d | sh`,
	hex: (text) => `echo ${hex(text)} | xxd -r -p | bash`,
	"hex of a here-string": (text) => `xxd -r -p <<< ${hex(text)} | bash -s`,
	"hex escapes": (text) => `echo -e '${escaped(text)}' | sh`,
	"octal escapes": (text) => `printf '${octal(text)}' | sh`,
	rev: (text) => `echo '${reversed(text)}' | rev | sh`,
	rot13: (text) => `echo '${rot13(text)}' | tr 'A-Za-z' 'N-ZA-Mn-za-m' | bash`,
	"rot13 in a here-string": (text) => `bash <<< "$(tr 'n-za-mN-ZA-M' 'a-zA-Z' <<< '${rot13(text)}')"`,
	"a here-string": (text) => `bash <<< '${text}'`,
	"a here-document": (text) => `sh <<EOF\n${text}\nEOF`,
	"a here-document with tabs": (text) => `bash <<-'EOF'\n\t${text}\n\tEOF`,
	"a process substitution": (text) => `bash <(echo '${text}')`,
	"a sourced substitution": (text) => `source <(printf '%s\\n' '${text}')`,
	"sourced input": (text) => `. /dev/stdin <<< '${text}'`,
	"nested shells": (text) => `bash -c "sh -c '${text}'"`,
	"a shell's parameters": (text) => `bash -c '"$0" "$@"' ${text}`,
	"a shell's first parameter": (text) => `sh -c 'eval "$1"' x '${text}'`,
	eval: (text) => `eval "eval '${text}'"`,
	"eval of a variable": (text) => `x='${text}'; eval "$x"`,
	"eval of an array": (text) => `a=(${text}); eval "\${a[*]}"`,
	"builtin eval": (text) => `builtin eval '${text}'`,
	"a pipeline of filters": (text) => `echo '${text}' | cat | tac | tee /dev/null | sh`,
	"lines that are read": (text) => `echo '${text}' | while read -r line; do eval "$line"; done`,
	"a word that is read": after((name) => `read -r x <<< ${name}`),
	"words that are read": (text) => `IFS=, read -ra a <<< '${words(text).join(",")}'; "\${a[@]}"`,
	"lines of an array": (text) => `mapfile -t a <<< $'${words(text).join("\\n")}'; "\${a[@]}"`,
	xargs: (text) => `echo '${restOf(text).join(" ")}' | xargs ${nameOf(text)}`,
	"xargs of all": (text) => `echo '${text}' | xargs -I% sh -c %`,
	"env -S": (text) => `env -S '${text}'`,
	"a descriptor's text": (text) => `exec 9<<<'${text}'; bash /dev/fd/9`,
	"a setting of env": (text) => `env X='${text}' sh -c '$X'`,
	"a setting of a shell": (text) => `X='${text}' bash -c 'eval "$X"'`,
	"the shell's own name": (text) => `$0 -c '${text}'`,
	"eval behind dashes": (text) => `eval -- '${text}'`,
	"the first line": (text) => `printf '%s\\n' '${text}' tidy | head -n 1 | sh`,
	"the last line": (text) => `printf '%s\\n' tidy '${text}' | tail -1 | sh`,
	"a line that is looked for": (text) => `printf '%s\\n' tidy '${text}' | grep ${nameOf(text)} | sh`,
	"printed by awk": (text) => `awk 'BEGIN { print "${text}" }' | sh`,
	"put by sed": (text) => `sed 's/.*/${text.replaceAll("/", "\\/")}/' <<< tidy | sh`,
	"a trap": (text) => `trap '${text}' EXIT`,

	// Names, wrappers and structure.
	"an alias": (text) => `shopt -s expand_aliases\nalias tidy=${nameOf(text)}\n${behind(text, "tidy")}`,
	"a function": (text) => `tidy() { ${nameOf(text)} "$@"; }; ${behind(text, "tidy")}`,
	"a function of any": (text) => `tidy() { "$1" "\${@:2}"; }; tidy ${text}`,
	"a function's text": (text) => `function tidy { local x='${nameOf(text)}'; $x ${restOf(text).join(" ")}; }\ntidy`,
	wrappers: (text) => `env A=b nohup nice -n 5 timeout 9 ${text}`,
	"more wrappers": (text) => `setsid -w stdbuf -o0 ionice -c 3 ${text}`,
	command: (text) => `command ${text}`,
	"builtin command": (text) => `builtin command -- ${text}`,
	"exec under a name": (text) => `exec -a tidy ${text}`,
	"a coprocess": (text) => `coproc ${text}; wait`,
	"in the background": (text) => `${text} & wait`,
	"a subshell": (text) => `( ( ${text} ) )`,
	"a group": (text) => `{ ${text}; }`,
	"behind others": (text) => `true && ${text} || :`,
	"a condition": (text) => `if ! false; then ${text}; fi`,
	"a case": (text) => `case x in (y) :;; (*) ${text};; esac`,
	"a loop": (text) => `for x in ${nameOf(text)}; do ${behind(text, "$x")}; done`,
	"a loop that ends": (text) => `while :; do ${text}; break; done`,
	negated: (text) => `! time ${text}`,
	"settings in front": (text) => `LC_ALL=C A=b ${text}`,
	"a redirect in front": (text) => `2>/dev/null >&2 ${text}`,
	"a redirect among the words": (text) => [nameOf(text), "2>&1", ...restOf(text)].join(" "),
};
