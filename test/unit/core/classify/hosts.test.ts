/** Hosts that a shell's commands reach: each is a fact, in the spelling in which policies name it. */
import { expect, it } from "vitest";
import type { Reader } from "../../../../src/core/classify/fact.ts";
import { FactList } from "../../../../src/core/classify/findings.ts";
import { readJavaScript } from "../../../../src/core/classify/javascript/reader.ts";
import { readPython } from "../../../../src/core/classify/python/reader.ts";
import { readShell } from "../../../../src/core/classify/shell/reader.ts";

/** `HOST PORT SCHEME CLASS` of each; `?` where the host is known only when it runs. */
function hosts(text: string, read: Reader = readShell): readonly string[] {
	const found = new FactList();
	read(text, { pointer: "/command", span: [0, text.length], via: [] }, found);
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
	["ssh -oHostName=box.example.org alias", ["box.example.org - ssh public", "alias - ssh private"]],
	["ssh -L 8080:db.example.org:5432 box.example.org", ["db.example.org - ssh public", "box.example.org - ssh public"]],
	["pip install --index-url https://pypi.example.org/simple shop", ["pypi.example.org 443 https public"]],
	["npm --registry=https://npm.example.org publish", ["npm.example.org 443 https public"]],
	["poetry add git+https://code.example.org/shop", ["code.example.org 443 https public"]],
	["ffmpeg -i cam.mp4 rtmp://live.example.org/x", ["live.example.org - rtmp public"]],
	["psql -h db.example.org -p 5433 shop", ["db.example.org 5433 tcp public"]],
	["psql --host=db.example.org", ["db.example.org - tcp public"]],
	["mysql -hdb.example.org shop", ["db.example.org - tcp public"]],
	["mongosh mongodb://db.example.org/shop", ["db.example.org - mongodb public"]],
	["kubectl -s https://k8s.example.org get pods", ["k8s.example.org 443 https public"]],
	["docker -H tcp://box.example.org:2375 ps", ["box.example.org 2375 tcp public"]],
	["docker push registry.example.org:5000/shop:2", ["registry.example.org 5000 https public"]],
	["docker run --rm -v /srv:/srv registry.example.org/shop", ["registry.example.org - https public"]],
	["dig @ns.example.org TXT shop.example.org", ["ns.example.org - dns public", "shop.example.org - dns public"]],
	["openssl s_client -connect box.example.org:443", ["box.example.org 443 tcp public"]],
	[
		"curl -x gate.example.org:3128 https://shop.example.org",
		["shop.example.org 443 https public", "gate.example.org 3128 http public"],
	],
	[
		"curl --connect-to ::box.example.org: https://shop.example.org",
		["shop.example.org 443 https public", "box.example.org - http public"],
	],
	["https_proxy=http://gate.example.org:3128 npm ci", ["gate.example.org 3128 http public"]],
	["env ALL_PROXY=socks5://gate.example.org pip install x", ["gate.example.org - socks5 public"]],
	["export http_proxy=gate.example.org:80", ["gate.example.org 80 http public"]],
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
	"git commit -m https://shop.example.org",
	"grep -r https://shop.example.org src",
	"docker run alpine sh",
	"docker pull team/shop",
	"kubectl exec shop -- ls -s x.y",
	"echo https://shop.example.org",
	"nmap -oN scan.txt -sL -iL hosts.txt",
	"socat TCP-LISTEN:8080,fork STDOUT",
])("none of `%s`", (text) => {
	expect(hosts(text)).toEqual([]);
});

it.each<[string, readonly string[]]>([
	["import socket\nsocket.create_connection(('BOX.example.org', 443))", ["box.example.org 443 tcp public"]],
	["import socket\ndoor = socket.socket()\ndoor.connect((name, 80))", ["? 80 tcp ?"]],
	["import smtplib\nsmtplib.SMTP_SSL('mail.example.org', 465)", ["mail.example.org 465 smtp public"]],
	["from paramiko import SSHClient\nbox = SSHClient()\nbox.connect(hostname='10.1.2.3')", ["10.1.2.3 - ssh private"]],
	[
		"from http.client import HTTPSConnection as Line\nLine('api.example.org:8443')",
		["api.example.org 8443 https public"],
	],
	["rows.connect('cell')", []],
])("of the Python `%s`", (text, expected) => {
	expect(hosts(text, readPython)).toEqual(expected);
});

it.each<[string, readonly string[]]>([
	["require('net').connect(443, 'box.example.org')", ["box.example.org - tcp public"]],
	["require('tls').connect({ port: 443, host: 'box.example.org' })", ["box.example.org 443 tcp public"]],
	["const https = require('https'); https.get({ hostname: 'api.example.org' })", ["api.example.org - https public"]],
])("of the JavaScript `%s`", (text, expected) => {
	expect(hosts(text, readJavaScript)).toEqual(expected);
});
