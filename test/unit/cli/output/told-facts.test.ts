/** Secrets of calls do not show in what is told of them. */
import { expect, it } from "vitest";
import { readCall } from "../../../../src/cli/output/call-reading.ts";

const told = (command: string) =>
	JSON.stringify(readCall({ tool: "bash", args: { command } }, { classifier: "", redact: [], all: true }));

const TOKEN = `ghp_${"a1B2".repeat(9)}`;
const inBase64 = (text: string) => Buffer.from(text).toString("base64");

it.each([
	["a token", `echo ${TOKEN}`, [TOKEN]],
	[
		"a token in pieces",
		`echo ghp_"${TOKEN.slice(4, 20)}"'${TOKEN.slice(20)}'`,
		[TOKEN, TOKEN.slice(4, 20), TOKEN.slice(20)],
	],
	["a token that is decoded", `echo ${inBase64(TOKEN)} | base64 -d | sh`, [TOKEN, inBase64(TOKEN)]],
	[
		"an encoded password",
		`echo ${inBase64("password=Winter-24")} | base64 -d`,
		["Winter-24", inBase64("password=Winter-24")],
	],
	["a password behind a name", "curl -u jo:Winter-24 https://a.example/", ["Winter-24"]],
	["a password in an option", "mysql -pWinter-24 -e 'SELECT 1'", ["Winter-24", "winter-24"]],
	["a password in the environment", "PGPASSWORD=Winter-24 psql -h db", ["Winter-24"]],
	["a password in a URL", "git clone https://jo:Winter-24@git.example/a", ["Winter-24"]],
	["what is beside it in a cut text", `echo ${"x".repeat(70)} ${TOKEN}`, [TOKEN.slice(0, 12)]],
])("%s", (_, command, secrets) => {
	const text = told(command);
	for (const secret of secrets) expect(text).not.toContain(secret);
	expect(text).toContain("[secret]");
});

it("leaves what is none", () => {
	const text = told("curl -u jo: https://a.example/tokens; git commit -m 'Rotate the password'");
	expect(text).toContain("https://a.example/tokens");
	expect(text).toContain("Rotate the password");
	expect(text).not.toContain("[secret]");
});
