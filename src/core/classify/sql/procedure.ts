/** What a procedure's name says that it does: `SYSTEM$CANCEL_ALL_QUERIES` cancels, `pg_drop_replication_slot` drops. */

/** Whose procedure it is, before the verb. */
const OWNERS: ReadonlySet<string> = new Set(
	"pg sp xp sys system dbms rds rdsadmin util utl admin mysql hive delta runtime fn proc usp ts crdb wsrep".split(" "),
);
const VERBS: ReadonlySet<string> = new Set(
	"kill cancel abort terminate shutdown suspend pause disable stop drop delete purge truncate wipe erase grant".split(
		" ",
	),
);

/** `kill query`: the verb of a name and what is behind it; undefined for a name that does not begin with one of these. */
export function deedOfProcedure(name: string): { readonly verb: string; readonly of: readonly string[] } | undefined {
	const parts = name.split(/[_$.]+/u);
	let at = 0;
	while (at < parts.length - 2 && OWNERS.has(parts[at] ?? "")) at++;
	const verb = parts[at] ?? "";
	return VERBS.has(verb) && at + 1 < parts.length ? { verb, of: parts.slice(at + 1) } : undefined;
}
