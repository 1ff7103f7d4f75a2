/** Tables that hold what servers keep of passwords, tables of the catalogue, columns that hold credentials, and rights that are written as rows. */

import type { Has } from "./statement.ts";
import type { Range } from "./statements.ts";
import { NUMBER, QUOTED, SIGN, TEXT, type Token, WORD } from "./token.ts";

/** Where servers keep password hashes and rights. */
const PASSWORD_TABLES =
	/^(?:mysql\.(?:user|global_priv|db)|(?:pg_catalog\.)?pg_(?:shadow|authid|user_mapping|largeobject)|(?:master\.)?(?:sys|dbo)?\.*(?:sql_logins|syslogins|sysxlogins|sysusers|user\$|link\$|user_history\$)|sys\.(?:user\$|link\$)|(?:sys\.)?dba_users_with_defpwd|mysql\.proxies_priv|system\.users|moz_logins|logins|cookies|moz_cookies|credit_cards)$/u;

/** What servers say about themselves: names of tables and columns, users, settings. */
const CATALOGUE =
	/^(?:information_schema\b|pg_catalog\.|pg_(?!shadow|authid|largeobject)|sys\.|sys(?:objects|columns|databases|tables|users|logins|ibm|cat|proc)|master\.|msdb\.|mysql\.|sqlite_(?:master|schema|temp_master)|all_|dba_|user_(?:tab|col|obj|priv|role|java|sys|view|cons|ind|source)|v\$|gv\$|v_\$|performance_schema|rdb\$|mon\$|syscat\.|sysibm|dual$|svv_|stl_|stv_|system\.|innodb_)/u;

const CREDENTIAL =
	/^(?:.*_)?(?:password|passwd|pwd|passwords|password_?hash|hashed_password|pass_?hash|passwordhash|encrypted_password|authentication_string|api_?keys?|secret_?keys?|private_?keys?|access_?tokens?|refresh_?tokens?|auth_?tokens?|client_secret|mfa_secret|totp_secret|password_value|encrypted_value|rolpassword|spare4|session_token)$/u;

/** Is it the name of what holds somebody's credentials? */
export const isCredential = (name: string): boolean => CREDENTIAL.test(name);

/** What identifies or pays for somebody. */
const PERSONAL =
	/^(?:.*_)?(?:card_?number|credit_?card(?:_?number)?|cc_?num(?:ber)?|cvv2?|cvc|pan|ssn|social_?security(?:_?number)?|passport_?(?:no|number)|tax_?id|iban|bank_?account(?:_?number)?|pin_?code)$/u;

const RIGHT =
	/^(?:is_?(?:admin|superuser|staff|root|sysadmin|owner|administrator)|admin|role|role_?id|user_?role|user_?type|user_?level|privilege|privileges|permission|permissions|access_?level|group_?id|superuser|usesuper|rolsuper|super_priv|grant_priv|file_priv|account_?type)$/u;
const MIGHTY = /^(?:.*admin.*|root|superuser|owner|administrator|sysadmin|true|y|1|t|all|\*)$/iu;

/** Adds `tables` (password, catalogue), `columns` (credential, personal), `sets` (rights, constant). */
export function readSecrets(tokens: readonly Token[], range: Range, has: Has): void {
	const names = has["names"] ?? [];
	const tables: string[] = [];
	if (names.some((name) => PASSWORD_TABLES.test(name) || /(?:^|\.)(?:sql_logins|syslogins|sysxlogins)$/u.test(name)))
		tables.push("password");
	if (names.length > 0 && names.every((name) => CATALOGUE.test(name))) tables.push("catalogue");
	if (
		names.some((name) =>
			/(?:^|[._])(?:users?|accounts?|customers?|members?|logins?|admins?|employees?|credentials?|staff|people)(?:$|[._])/u.test(
				name,
			),
		)
	) {
		tables.push("people");
	}
	if (tables.length > 0) has["tables"] = tables;
	const verbs = has["verb"] ?? [];
	if (verbs.includes("update")) readAssignments(tokens, range, has);
	else if (verbs.includes("insert") && names.some((name) => RIGHTS_TABLE.test(name)))
		readGivenRights(tokens, range, has);
	else if (verbs.includes("select") || verbs.includes("fragment")) readColumns(tokens, range, has);
}

const RIGHTS_TABLE =
	/(?:^|[._])(?:\w*roles?|permissions?|privileges|admins?|administrators|grants|sudoers|group_members)$/u;

/** `INSERT INTO user_roles VALUES (9, 'admin')`. */
function readGivenRights(tokens: readonly Token[], { from, to }: Range, has: Has): void {
	for (let at = from; at < to; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === TEXT && /admin|^root$|^superuser$|^owner$/iu.test(text)) has["sets"] = ["rights"];
	}
}

/** Names in the list of a SELECT; what is only compared in a condition is not read out. */
function readColumns(tokens: readonly Token[], range: Range, has: Has): void {
	let isListed = false;
	let unions = 0;
	for (let at = range.from; at < range.to; at++) {
		const token = tokens[at] as Token;
		if (token.kind === WORD && token.text === "union") unions += 1;
		if (token.kind === WORD && token.text === "select") isListed = true;
		else if (token.kind === WORD && token.text === "from") isListed = false;
		else if (isListed && (token.kind === WORD || token.kind === QUOTED) && PERSONAL.test(token.text)) {
			has["columns"] = ["personal"];
		} else if (isListed && (token.kind === WORD || token.kind === QUOTED) && CREDENTIAL.test(token.text)) {
			const before = tokens[at - 1];
			const next = tokens[at + 1];
			if (next?.kind === SIGN && next.text === "(") continue;
			if (before?.kind === WORD && before.text === "as") continue;
			has["columns"] = unions > 0 ? ["credential", "credential-in-union"] : ["credential"];
			return;
		}
	}
}

/** `SET role = 'admin'`, `SET is_admin = 1`; and whether the rows are set to constants. */
function readAssignments(tokens: readonly Token[], range: Range, has: Has): void {
	const sets = new Set<string>();
	let at = range.from;
	while (at < range.to && (tokens[at] as Token).text !== "set") at++;
	for (; at + 2 < range.to; at++) {
		const name = tokens[at] as Token;
		if (name.kind === WORD && (name.text === "where" || name.text === "from")) break;
		const sign = tokens[at + 1] as Token;
		const value = tokens[at + 2] as Token;
		if (sign.kind !== SIGN || sign.text !== "=" || (name.kind !== WORD && name.kind !== QUOTED)) continue;
		const isConstant =
			value.kind === TEXT ||
			value.kind === NUMBER ||
			(value.kind === WORD && /^(?:true|false|null|default)$/u.test(value.text));
		if (isConstant) sets.add("constant");
		if (RIGHT.test(name.text) && isConstant && MIGHTY.test(value.text)) sets.add("rights");
		if (CREDENTIAL.test(name.text)) sets.add("credential");
	}
	if (sets.size > 0) has["sets"] = [...sets];
}
