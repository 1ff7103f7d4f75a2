/** What statements of graph stores do: Cypher, SPARQL and Gremlin. */

export interface GraphStatement {
	readonly store: string;
	/** As rules on documents name it. */
	readonly operation: string;
	/** `empty`: of everything there is. */
	readonly filter: "some" | "empty";
}

const CYPHER =
	/^\s*(?:match|optional match|merge|create|unwind|call|load csv|with|return|detach|profile|explain)\b[\s\S]*(?:\(|\breturn\b)/i;
const CYPHER_SIGN = /-\[|\([\w:]*[:)]|\bcall\s+\w|load csv/i;
const SPARQL =
	/^\s*(?:(?:prefix|base)\b[^>]{0,300}>\s*){0,40}(?:with\s*<[^>]{0,300}>\s*)?(drop|clear|delete|insert|load|copy|move|add|create|select|ask|construct|describe)\b/i;
const SPARQL_SIGN =
	/(?:[?$]\w+|<[^>\s]+>|\b\w*:\w+)\s+(?:[?$]\w+|<[^>\s]+>|a\b|\w*:\w+)|^\s*(?:drop|clear)\s+(?:silent\s+)?(?:graph\s*<|(?:all|default|named)\s*(?:;|$))|^\s*load\s+(?:silent\s+)?</i;
const GREMLIN = /^\s*g\s*\.\s*(?:V|E|addV|addE|inject|with\w*|io|tx)\s*\(/;

/** Undefined for a text in none of these languages. */
export function graphStatement(text: string): GraphStatement | undefined {
	if (GREMLIN.test(text)) return gremlin(text);
	if (CYPHER.test(text) && CYPHER_SIGN.test(text)) return cypher(text);
	const verb = SPARQL.exec(text)?.[1]?.toLowerCase();
	return verb !== undefined && SPARQL_SIGN.test(text) ? sparql(verb, text) : undefined;
}

function cypher(text: string): GraphStatement {
	const filter = /\bwhere\b|\{\s*\w+\s*:/i.test(text) ? "some" : "empty";
	const of = (operation: string): GraphStatement => ({ store: "neo4j", operation, filter });
	if (/\bdrop\s+(?:constraint|index|database)\b/i.test(text)) return of("detachdelete");
	if (/\bdelete\b/i.test(text)) {
		if (filter === "empty") return of("detachdelete");
		return of(/\{\s*\w*(?:id|uuid)\s*:/i.test(text) ? "deletekeyed" : "deletemany");
	}
	if (/\bcall\s+(?:apoc\.(?:cypher|systemdb)|dbms\.security)/i.test(text)) return of("procedure");
	if (/\bcall\s+dbms\.(?:kill|set|shutdown|cluster)/i.test(text)) return of("killop");
	if (/\bcall\s+apoc\.export\b/i.test(text)) return of("export");
	const isLoading = /\bload\s+csv\b|\bcall\s+apoc\.load\b/i.test(text);
	if (isLoading && /\bmethod\s*:|['"]\s*\+/i.test(text)) return of("sendrows");
	if (isLoading && !/\b(?:create|merge|set)\b/i.test(text)) return of("loadcsv");
	if (/\bcall\s+dbms\./i.test(text)) return of("procedure");
	if (filter === "empty" && /\bmatch\b[\s\S]*\b(?:remove|set\s+[\w.]+\s*=\s*null\b)/i.test(text))
		return of("updateall");
	return of(/\b(?:set|create|merge|remove)\b/i.test(text) ? "update" : "find");
}

function sparql(verb: string, text: string): GraphStatement {
	const of = (operation: string, filter: "some" | "empty" = "some"): GraphStatement => ({
		store: "sparql",
		operation,
		filter,
	});
	if (verb === "drop" || verb === "clear") return of("detachdelete", "empty");
	if (verb === "load") return of("loadcsv");
	if (/^(?:select|ask|construct|describe)$/.test(verb)) return of("find");
	// `DELETE WHERE { ?s ?p ?o }`
	const isEvery = /\bwhere\s*\{\s*(?:graph\s+\S+\s*\{\s*)?(?:\?\w+\s+){2}\?\w+\s*\.?\s*\}/i.test(text);
	return verb === "delete" && isEvery ? of("detachdelete", "empty") : of("update");
}

function gremlin(text: string): GraphStatement {
	const filter = /\.has\s*\(|\.(?:V|E)\s*\(\s*[^)\s]|\bg\s*\.\s*[VE]\s*\(\s*[^)\s]/.test(text) ? "some" : "empty";
	const of = (operation: string): GraphStatement => ({ store: "gremlin", operation, filter });
	if (/\bRuntime\b|ProcessBuilder|\.exec(?:ute)?\s*\(|\bEval\b|\bnew\s+(?:File|URL|Socket)\b/.test(text))
		return of("eval");
	if (/\.drop\s*\(/.test(text)) return of(filter === "empty" ? "detachdelete" : "deletemany");
	return of(/\.(?:addV|addE|property|mergeV|mergeE)\s*\(/.test(text) ? "update" : "find");
}
