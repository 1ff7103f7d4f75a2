/** The rules of `policy lint`, in the order of docs/policies/lint.md. */

import type { LintRule } from "../finding.ts";
import { acceptance } from "./acceptance.ts";
import { allowedThenDenied } from "./allowed-then-denied.ts";
import { anyoneApproves } from "./anyone-approves.ts";
import { controlCharacter } from "./control-character.ts";
import { curlyQuote } from "./curly-quote.ts";
import { cutByComment } from "./cut-by-comment.ts";
import { deadRule } from "./dead-rule.ts";
import { deniedAnyway } from "./denied-anyway.ts";
import { denyByName } from "./deny-by-name.ts";
import { duplicateRule } from "./duplicate-rule.ts";
import { emptyAlternative } from "./empty-alternative.ts";
import { expiredException } from "./expired-exception.ts";
import { idleException } from "./idle-exception.ts";
import { idleExemption } from "./idle-exemption.ts";
import { joinedLines } from "./joined-lines.ts";
import { largeCost } from "./large-cost.ts";
import { lookedForSlashes } from "./looked-for-slashes.ts";
import { looseExemption } from "./loose-exemption.ts";
import { matchesEverything } from "./matches-everything.ts";
import { missingIgnored } from "./missing-ignored.ts";
import { neverMatches } from "./never-matches.ts";
import { noForce } from "./no-force.ts";
import { noReserve } from "./no-reserve.ts";
import { oddName } from "./odd-name.ts";
import { oneCase } from "./one-case.ts";
import { oneFolder } from "./one-folder.ts";
import { otherSyntax } from "./other-syntax.ts";
import { redundantEntry } from "./redundant-entry.ts";
import { shadowedRule } from "./shadowed-rule.ts";
import { stopsEveryTool } from "./stops-every-tool.ts";
import { unescapedDot } from "./unescaped-dot.ts";
import { unknownArgument } from "./unknown-argument.ts";
import { unreachedLimit } from "./unreached-limit.ts";
import { unusedApproval } from "./unused-approval.ts";
import { unusedDefinition } from "./unused-definition.ts";

export const LINT_RULES: readonly LintRule[] = [
	deadRule,
	deniedAnyway,
	allowedThenDenied,
	shadowedRule,
	duplicateRule,
	unreachedLimit,
	idleException,
	expiredException,
	neverMatches,
	matchesEverything,
	emptyAlternative,
	idleExemption,
	redundantEntry,
	noForce,
	unusedApproval,
	unusedDefinition,
	anyoneApproves,
	noReserve,
	largeCost,
	denyByName,
	stopsEveryTool,
	missingIgnored,
	looseExemption,
	unescapedDot,
	otherSyntax,
	oneFolder,
	oneCase,
	curlyQuote,
	lookedForSlashes,
	joinedLines,
	cutByComment,
	controlCharacter,
	oddName,
	unknownArgument,
	acceptance,
];
