/** The built package, used as the README shows it: a guarded tool that may run, and one that may not. */
import { connect, ToolCallDenied } from "../../dist/index.js";

const assent = await connect({
	log: "memory:",
	policies: new URL("../../policies/baseline.yaml", import.meta.url).pathname,
	principal: { tenant: "acme", agent: "coder" },
	telemetry: "silent",
});
const shell = assent.guard("shell", ({ command }) => `ran ${command}`);
for (const command of ["npm test", "rm -rf /"]) {
	try {
		console.log(await shell({ command }));
	} catch (denied) {
		if (!(denied instanceof ToolCallDenied)) throw denied;
		console.log(denied.message);
	}
}
await assent.close();
