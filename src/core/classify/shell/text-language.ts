/** The language of what a program reads that takes programs from its input. */
export function textLanguage(program: string): "sql" | "python" | "code" {
	if (/^(?:python|pypy|ipython)/.test(program)) return "python";
	return /sql|maria|duckdb|cqlsh|hive|beeline|trino|presto|clickhouse|isql|bteq|cockroach|impala|snowsql/.test(program)
		? "sql"
		: "code";
}
