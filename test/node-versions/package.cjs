/** The built package, required by a program that is no module. */
const { join } = require("node:path");

const dist = join(__dirname, "../../dist");
const { connect, ToolCallDenied } = require(join(dist, "index.js"));
const client = require(join(dist, "client.js"));

async function main() {
	const policies = join(__dirname, "../../policies/baseline.yaml");
	const assent = await connect({ log: "memory:", policies, telemetry: "silent" });
	const shell = assent.guard("shell", ({ command }) => `ran ${command}`);
	console.log(await shell({ command: "npm test" }));
	await shell({ command: "rm -rf /" }).catch((denied) => console.log(denied instanceof client.ToolCallDenied));
	console.log(client.ToolCallDenied === ToolCallDenied);
	await assent.close();
}

void main();
