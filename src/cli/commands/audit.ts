/** `assent audit`: what an auditor does, and what an auditor is given. */
import { Command } from "commander";
import type { Context } from "../context.ts";
import { auditEraseCommand } from "./audit-erase.ts";
import { auditExportCommand } from "./audit-export.ts";
import { auditImportCommand } from "./audit-import.ts";
import { auditProveCommand } from "./audit-prove.ts";
import { auditVerifyCommand } from "./audit-verify.ts";

export function auditCommand(context: Context): Command {
	return new Command("audit")
		.summary("what auditors are given, and do")
		.description("What was recorded, for whoever is to check it without trusting who runs the deployment.")
		.addCommand(auditEraseCommand(context))
		.addCommand(auditExportCommand(context))
		.addCommand(auditImportCommand(context))
		.addCommand(auditProveCommand(context))
		.addCommand(auditVerifyCommand(context));
}
