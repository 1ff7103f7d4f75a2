import { describe, expect, it } from "vitest";
import type { Language } from "../../../../src/core/classify/fact.ts";
import { readValue } from "../../../../src/core/classify/sql/injection.ts";
import { lex } from "../../../../src/core/classify/sql/lexer.ts";
import { ANY } from "../../../../src/core/classify/sql/manner.ts";
import { readSql } from "../../../../src/core/classify/sql/reader.ts";
import { threadMs } from "../../../support/cpu.ts";
import { findingsOf, type ReaderFindings } from "../../../support/reader-findings.ts";

const read = (text: string): ReaderFindings => findingsOf(readSql, text);

const verbs = (text: string): string[] => read(text).facts.flatMap(({ has }) => has["verb"] ?? []);
const rows = (text: string): string | undefined => read(text).facts[0]?.has["where"]?.[0];
const injected = (text: string): readonly string[] => read(text).facts[0]?.has["injection"] ?? [];

describe("words of a text", () => {
	it.each([
		["SELECT 'it''s' FROM \"a b\"", ["select", "it's", "from", "a b"]],
		["a /* b /* c */ d */ e", ["a", "e"]],
		["a # b\nc -- d\ne", ["a", "c", "e"]],
		["/*!50000DROP*/ t", ["drop", "t"]],
		["$x$ a 'b' $x$", [" a 'b' "]],
		["N'a' x'4142' 0x4344 q'[it's]'", ["a", "AB", "CD", "it's"]],
		["[a b].c `d`", ["a b", ".", "c", "d"]],
		["@v @@w #t", ["@v", "@@w"]],
		["FROM #t", ["from", "#t"]],
	])("%s", (text, words) => expect(lex(text, ANY).tokens.map((token) => token.text)).toEqual(words));
});

describe("statements", () => {
	it.each([
		["SELECT 1; DROP TABLE x", ["select", "drop"]],
		["SELECT 1 DROP TABLE x", ["select", "drop"]],
		["SELECT 'a;b'; -- c;d\nDELETE FROM t", ["select", "delete"]],
		["WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", ["delete", "select"]],
		["EXPLAIN ANALYZE DELETE FROM t", ["delete"]],
		["EXPLAIN DELETE FROM t", ["explain"]],
		["CREATE PROCEDURE p() BEGIN DELETE FROM t; DROP TABLE x; END; SELECT 1", ["create", "select"]],
		["IF EXISTS (SELECT 1) DROP TABLE x", ["drop"]],
		["IF(2=3) SELECT 4 ELSE DROP FUNCTION k--", ["select", "drop"]],
		["SELECT CASE WHEN a = 1 THEN b ELSE c END FROM t", ["select"]],
		["INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1", ["insert"]],
		["ALTER TABLE t DROP COLUMN c", ["alter"]],
		["SELECT * FROM t FOR UPDATE", ["select"]],
		["GRANT DELETE, INSERT ON t TO u", ["grant"]],
		["SELECT '\\'; DROP TABLE x; --'", ["select", "drop"]],
		["INSERT INTO t VALUES ('it\\'s; drop table x')", ["insert"]],
	])("%s", (text, expected) => expect([...new Set(verbs(text))]).toEqual(expected));
});

describe("rows that are deleted", () => {
	it.each([
		["id = 5", "some"],
		["t.order_id = 5 AND amount > 3", "some"],
		["code IN ('a', 'b')", "some"],
		["name = ?", "some"],
		["name = :name", "some"],
		["amount > 3", "many"],
		["state = 'old'", "many"],
		["NOT id = 5", "many"],
		["id <> 5", "many"],
		["id NOT IN (5)", "many"],
		["id IN (SELECT order_id FROM u WHERE amount > 3)", "many"],
		["id = t.other_id AND amount > 3", "many"],
		["id = id", "always"],
		["1 = 0", "never"],
	])("%s", (condition, expected) => {
		expect(rows(`DELETE FROM t WHERE ${condition}`)).toBe(expected);
	});
});

describe("rows of a condition", () => {
	it.each([
		["1=1", "always"],
		["'a'='a'", "always"],
		['"1"="1"', "always"],
		["NOT FALSE", "always"],
		["id = id", "always"],
		["1 < 2 AND TRUE", "always"],
		["a IS NULL OR a IS NOT NULL", "always"],
		["a > 3 OR a <= 3", "always"],
		["a = 1 OR b = 2 OR c = 3 OR NOT b = 2", "always"],
		["a = 1 OR a <> 2 OR NOT b = 2 OR a = 2", "always"],
		["a = 1 OR NOT b = 2 OR c = 3", "some"],
		["(1) = (1)", "always"],
		["id > 0", "always"],
		["1 IS NOT NULL", "always"],
		["1 = 2", "never"],
		["id = 5", "some"],
		["a = 1 OR b = 2", "some"],
		["a IN (1, 2)", "some"],
		["a BETWEEN 1 AND 2", "some"],
		["a IS NOT NULL", "some"],
		["a = 'x' AND 1 = 1", "some"],
		["amount > 0", "some"],
		["EXISTS (SELECT 1 FROM u WHERE u.id = t.id)", "some"],
	])("%s", (condition, expected) => {
		expect(rows(`UPDATE t SET x = 1 WHERE ${condition}`)).toBe(expected);
		expect(rows(`UPDATE t SET x = 1 WHERE (${condition}) RETURNING x`)).toBe(expected);
	});

	it("are all where none is given", () => expect(rows("DELETE FROM t")).toBe("none"));
});

describe("texts within", () => {
	it.each<[string, Language, string]>([
		["EXEC('DROP' + ' TABLE x')", "sql", "DROP TABLE x"],
		["SET @q = 0x44524f50; PREPARE s FROM @q", "sql", "DROP"],
		["DECLARE @s varchar(9) = 'a'; EXEC sp_executesql @s", "sql", "a"],
		["EXECUTE IMMEDIATE 'a' || 'b'", "sql", "ab"],
		["DO $$ x $$", "sql", " x "],
		["COPY t FROM PROGRAM 'id'", "shell", "id"],
		["EXEC master..xp_cmdshell 'dir'", "cmd", "dir"],
		["SELECT load_file('/etc/passwd')", "path", "/etc/passwd"],
		["SELECT CHAR(1), utl_http.request('http://h.example/')", "url", "http://h.example/"],
	])("%s", (text, language, inner) => expect(read(text).within).toContainEqual({ language, text: inner }));
});

describe("fragments", () => {
	it.each([
		["1' OR '1'='1' --", "tautology"],
		["admin'--", "comment"],
		["1 UNION SELECT null,@@version", "union"],
		["1 AND SLEEP(5)", "time"],
		["'; DROP TABLE x; --", "stacked"],
		["1' AND extractvalue(1,concat(1,version()))#", "error"],
		["7 AND 91=91", "tautology"],
		["7 (CASE WHEN ('a1'='a1') THEN 1 END)", "tautology"],
		["or 3 like 3", "tautology"],
		["?id=(1)and(1)=(1)--", "tautology"],
		["7 (SELECT 3)", "blind"],
		["7 and substring(version(),1,1) like 5", "blind"],
		["and elt(2<3, 1)", "blind"],
		["' + cast(@@version as int) + '", "error"],
		["convert(int, @@version)", "error"],
		["'=0--", "comment"],
		["7;(SELECT * FROM (SELECT(SLEEP(5)))a)#", "stacked"],
		["(4)*total AND 6=2", "tautology"],
		["pi() and cos(pi())=-1", "tautology"],
		["kim''6' and (pi()=3)--", "tautology"],
		["\\''; DROP TABLE invoices; --", "stacked"],
		["'begin declare @q varchar(90) set @q = 'x' exec(@q)", "stacked"],
		["'goto done done: select 1; drop table x", "stacked"],
		["' select 'k'; declare @q int", "stacked"],
		["kim' collate nocase--", "comment"],
		["kim' or mail ilike mail;", "blind"],
		["'-0-'", "tautology"],
		["kim' like '", "tautology"],
		["3 group by 1 having 2=2", "order"],
		["'))) order by 1 and ((('k' like 'k", "order"],
		["5 + ascii(substring(pin,2,1))-9", "error"],
		["3 union all#x\n#y\nselect 1,2,database()", "union"],
		["3 union select distinct 1,2", "union"],
		["k' (select count(*) from t a, t b) 'k", "blind"],
		["(case when 7=3 then 1 else 2 end)", "blind"],
		["if(7=3, 1, 2)", "blind"],
		["@@datadir --", "blind"],
		["6*7/*", "blind"],
		["* fee) --", "remnant"],
		["3) || 4470=4470#", "tautology"],
		["kim' != ascii(2) #b(", "tautology"],
		["kim' not like 'lee", "tautology"],
		["'or not false #k", "tautology"],
		["' or visits <> 2", "blind"],
		["code having (2 or true)", "tautology"],
		["2 or name like '%'", "tautology"],
		["4||lpad(user,3,2)", "blind"],
		["length(version())", "blind"],
		["crc32('k')=crc32('k')", "blind"],
		["k$$ union select null, 4#", "union"],
		["4)) as k where 2=2 and 3=5", "tautology"],
		['kim@example.net", "x"), ("lee@example.net", "x") on duplicate key update pin="x" -- -', "blind"],
		["item.php?id=4 or 2=2 -- so", "tautology"],
		["2fUNION SELECT 7", "union"],
		["2 union select login who from staff", "union"],
		["3 union values row(1,2)", "union"],
		["k' 1.e) and sleep 1.e(3)#", "time"],
		["{x 4}*{x 1} or 3=3", "tautology"],
		["kim'/**/--/**/", "comment"],
		["code=1; drop visits--", "stacked"],
	])("%s breaks out", (text, kind) => expect(injected(text)).toContain(kind));

	it.each([
		"cats or dogs",
		"O'Brien or O'Neil",
		"it's; drop it",
		"union select committee",
		"rock 'n' roll and more",
		"1/2",
		"",
		"'",
		"--",
		"7 (seven)",
		"total = 12",
		"convert(int, price)",
		"1 and only",
		"Kim's select few, and select friends' names",
		"a flag `--quiet` is read",
		'words "or" and "and" between them',
		'width 16" or 18"',
		'message:"DROP TABLE" OR level:3',
		"6; set aside for later",
		"1; exec will see the 7",
		"Kim and 80&#039;s music / art",
		"clothes' --small -red -blue",
		"c# and f#",
		"(300 dpi) --",
		"50% off; drop by",
		"lee's or kim's > all",
		"length(name)",
		"crc32(a)=crc32(b)",
		"Editor, and data for a database (K) of names",
		"a plugin with a union select filter.",
		"costs $$ or more, 5 = 5",
	])("%s does not", (text) => expect(injected(text)).toEqual([]));

	it.each(["rock' and 'roll", "lee's or kim's", '16" or 18"', "Kim\u02bcs"])(
		"%s does not where any value may stand",
		(text) => expect(findingsOf(readValue, text).within).toEqual([]),
	);

	it("have the facts of what is stacked", () => expect(verbs("1; DROP TABLE x")).toEqual(["fragment", "drop"]));
});

describe("signs of an extended statement", () => {
	it.each([
		["SELECT a FROM t WHERE b = 1 AND 91=91", "tautology"],
		["SELECT a FROM t WHERE b = '' OR c = c", "tautology"],
		["SELECT count(*) FROM all_users a, all_users b, all_users c", "time"],
		["SELECT a FROM t UNION SELECT null, version()", "union"],
	])("%s", (text, kind) => expect(injected(text)).toContain(kind));

	it.each([
		"SELECT a FROM t WHERE 1=1 AND b = 2",
		"SELECT pg_sleep(3)",
		"SELECT a FROM (SELECT 1 AS a UNION ALL SELECT NULL) t",
		"SELECT a.x FROM t a, t b, t c WHERE a.x = b.x",
		"SELECT a FROM t WHERE b = 'q1' AND c = 'q1'",
	])("none in %s", (text) => expect(injected(text)).toEqual([]));
});

it("gives spans in the text", () => {
	const text = "SELECT 1;  DROP TABLE x ;";
	expect(read(text).facts.map(({ span }) => text.slice(...span))).toEqual(["SELECT 1", "DROP TABLE x"]);
});

it.each([
	["brackets", "("],
	["quotes", "'\\"],
	["comments", "/*"],
	["names", "[a"],
	["conditions", "delete from t where (not a=1 or "],
	["statements", "if a drop table b "],
	["routines", "create procedure p as a;"],
	["queries", "1 union select "],
	["calls", "exec(char("],
	["signs", "1*("],
	["names of one", "a "],
])("reads %s without end in time that grows with the text", (_, part) => {
	const text = part.repeat(Math.ceil(100_000 / part.length));
	const began = threadMs();
	read(text);
	expect(threadMs() - began).toBeLessThan(1_000);
});
