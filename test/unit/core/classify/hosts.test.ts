/** Hosts that a shell's commands reach: each is a fact, in the spelling in which policies name it. */
import { expect, it } from "vitest";
import { FactList } from "../../../../src/core/classify/findings.ts";
import { readShell } from "../../../../src/core/classify/shell/reader.ts";

/** `HOST PORT SCHEME CLASS` of each; `?` where the host is known only when it runs. */
function hosts(text: string): readonly string[] {
	const found = new FactList();
	readShell(text, { pointer: "/command", span: [0, text.length], via: [] }, found);
	return found.facts
		.filter(({ kind }) => kind === "host")
		.map(({ has }) => [has["host"] ?? "?", has["port"] ?? "-", has["scheme"], has["class"] ?? "?"].join(" "));
}

it.each<[string, readonly string[]]>([
	["ssh -p 2022 ops@Build.Shop.EXAMPLE make -p 5", ["build.shop.example 2022 ssh public"]],
	[
		"ssh -J ops@gate.example.org,inner.example.org -l ops db.lan",
		["gate.example.org - ssh public", "inner.example.org - ssh public", "db.lan - ssh private"],
	],
	["ssh ssh://ops@box.example.org:2200", ["box.example.org 2200 ssh public"]],
	["sudo -u ops ssh box.example.org uptime", ["box.example.org - ssh public"]],
	["scp -P 2022 notes.txt ops@box.example.org:/srv/", ["box.example.org 2022 ssh public"]],
	["scp 'ops@[2001:DB8:0::7]:x' .", ["[2001:db8::7] - ssh public"]],
	["rsync -az -e 'ssh -p 2022' site/ web.example.org:/srv/www", ["web.example.org - rsync public"]],
	["rsync mirror.example.org::debian/x .", ["mirror.example.org - rsync public"]],
	["sftp -b batch ops@10.1.2.3:/in", ["10.1.2.3 - ssh private"]],
	["git clone --depth 1 -b dev git@code.example.org:team/shop.git", ["code.example.org - ssh public"]],
	["git -C shop push -u https://code.example.org./shop dev", ["code.example.org 443 https public"]],
	["git remote add other https://xn--bcher-kva.example/x", ["xn--bcher-kva.example 443 https public"]],
	["nc -w 3 0x0a010203 5432", ["10.1.2.3 5432 tcp private"]],
	["telnet mail.example.org 25", ["mail.example.org 25 telnet public"]],
	["socat - OPENSSL:tls.example.org:8443,verify=0", ["tls.example.org 8443 tcp public"]],
	["curl -d x https://API.example.org:443/v1", ["api.example.org 443 https public"]],
	["cat < /dev/tcp/BOX.example.org/80", ["box.example.org 80 tcp public"]],
	['ssh "$WHO@box.example.org" ls', ["box.example.org - ssh public"]],
	['ssh "$BOX" ls', ["? - ssh ?"]],
	['git clone "$URL"', ["? - ssh ?"]],
	['scp x "$BOX:/srv"', ["? - ssh ?"]],
])("of `%s`", (text, expected) => {
	expect(hosts(text)).toEqual(expected);
});

it.each([
	"git push origin dev:main",
	"git commit -m 'api: do it'",
	"git log HEAD:src",
	"git fetch",
	"nc -lvp 4444",
	"ssh -V",
	"scp ./a:b c.txt",
	"scp C:/x y",
	"rsync -a src/ dst/",
	"echo 'ssh ops@box.example.org'",
	"socat TCP-LISTEN:8080,fork STDOUT",
])("none of `%s`", (text) => {
	expect(hosts(text)).toEqual([]);
});
