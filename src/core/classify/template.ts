/** Expressions of templates in what was meant as a value: `{{7*7}}`, `${T(java.lang.Runtime)…}`, `<%= system("id") %>`. */

/** How one begins, in one engine or another. */
const BEGINS = /\{\{|\{%|<%|[$#*%@]\{|@\(|[[<]#\w|#set\s*\(|\{php\}|\{\w+\(['"]/;
/** As much behind the first of them as is looked at. */
const LOOKED_AT = 2_000;

/** What no template of words needs: classes of classes, programs, the runtime, code by its text, files of the machine. */
const REACHES = new RegExp(
	[
		"__(?:class|globals|subclasses|mro|base|bases|builtins|init|import)__|\\\\x5f\\\\x5f",
		"\\b(?:getRuntime|ProcessBuilder|getenv|Runtime|freemarker\\.template|child_process|mainModule|registerUndefinedFilterCallback|_memberAccess|ScriptEngineManager|classLoader)\\b",
		"\\b(?:popen|system|exec(?:Sync|ute)?|spawn(?:Sync)?|passthru|shell_exec|eval|assert|forName|file_excerpt|file_get_contents|readFile(?:Sync)?|phpinfo|Process\\.Start|File\\.(?:open|read)|getResource)\\s*\\(",
		"\\bos\\.\\w+\\s*\\(|['\"](?:system|exec|passthru|shell_exec|popen|assert)['\"]",
		"\\bconstructor\\s*\\.\\s*constructor|\\bconstructor\\s*\\(|\\[['\"]constructor['\"]\\]",
		"\\bT\\s*\\(\\s*\\w+\\.|@java\\.|\\?new\\s*\\(|`[^`]+`|%x[|({[]",
		"(?:\\{%|<%)\\s*import\\s+\\w|\\b(?:include|open|readFile)\\s*\\(?\\s*['\"]/(?:etc|proc|root|home)/",
		'\\.System\\s+"|\\b_self\\b|\\bself\\._',
	].join("|"),
);
/** What an engine keeps for itself. */
const KEPT =
	/\{\{-?\s*(?:config|settings)(?:\.items\(\)|\.[A-Z_]*(?:SECRET|KEY|PASSWORD|TOKEN)\w*)?\s*-?\}\}|\bsigner\.key\b|\bdump\s*\(\s*app\b|\{%\s*debug\s*%\}|\b(?:current_app|request\.(?:application|environ|server))\b/;
/** A sum or a product, and nothing else: whoever asks for it wants to know whether it is worked out. */
const PROBES = /(?:\{\{|[$#*@]\{\{?|<%=|@\()\s*-?\d+[*+](?:\d+|'\d+'|"\d+")\s*(?:\}\}?|%>|\))/;

/** What a text reaches for by a template; undefined for nothing. */
export function templateIn(text: string): "template-escape" | "template-probe" | undefined {
	const at = text.search(BEGINS);
	if (at < 0) return undefined;
	const body = text.slice(at, at + LOOKED_AT);
	if (REACHES.test(body) || KEPT.test(body)) return "template-escape";
	return PROBES.test(body) ? "template-probe" : undefined;
}
