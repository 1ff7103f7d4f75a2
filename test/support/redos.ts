/**
 * Regular expressions that are known for what they do to engines that go back, each with what is repeated to provoke it. From
 * OWASP's page, from advisories about packages, from outages that were written about, and from textbooks.
 */

export interface Redos {
	readonly pattern: string;
	readonly before: string;
	readonly repeated: string;
	readonly after: string;
}

const of = (pattern: string, repeated: string, after = "", before = ""): Redos => ({
	pattern,
	before,
	repeated,
	after,
});

export const REDOS: readonly Redos[] = [
	of("(a+)+$", "a", "!"),
	of("(a*)*$", "a", "!"),
	of("(a|a)*$", "a", "!"),
	of("(a|aa)+$", "a", "!"),
	of("(a|a?)+$", "a", "!"),
	of("([a-zA-Z]+)*$", "a", "1"),
	of("(.*a){11}$", "a", "!"),
	of("(x+x+)+y", "x"),
	of("(a?){30}a{30}b", "a"),
	of("^(a?){50}a{50}$", "a", "b"),
	of("(.+)+x", "y"),
	of("(\\d+)*x", "1"),
	of("(?:a{0,30}){0,30}b", "a"),
	of("^(\\w+\\s?)*$", "word ", "!"),
	of("(\\w+\\s?)+$", "word ", "!"),
	of("^(\\s*\\S+\\s*)+$", "a ", "\u0000"),
	of("^(([a-z])+.)+[A-Z]([a-z])+$", "a", "!"),
	of(
		"^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
		"a",
		"!",
	),
	of("^[a-zA-Z]+((['\\,\\.\\- ][a-zA-Z ])?[a-zA-Z]*)*$", "a", "!"),
	of("^\\d*[0-9](|.\\d*[0-9]|)*$", "1", "a"),
	of("^([a-zA-Z0-9_\\.\\-])+\\@(([a-zA-Z0-9\\-])+\\.)+([a-zA-Z0-9]{2,4})+$", "0", "!", "a@a."),
	of("[\\w.+-]+@[\\w-]+\\.[a-z]{2,}", "a"),
	of(
		"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?",
		"a.",
	),
	of("^\\s+|\\s+$", " ", "x", "x"),
	of("\\s+$", " ", "x"),
	of("^[\\s\\u200c]+|[\\s\\u200c]+$", "\u200c", "x", "x"),
	of("\\s*\\n\\s*", " ", "x"),
	of(" *, *", " ", "x"),
	of(
		"(?:(?:\"|'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false|null|undefined|symbol|math)|\\`|\\-|\\+)+[)]*;?((?:\\s|-|~|!|\\{\\}|\\|\\||\\+)*.*(?:.*=.*)))",
		"x=",
		"",
		"1",
	),
	of("(?:.*=.*)", "x"),
	of("<!--.*?-->", "<!--"),
	of("\\/\\*[\\s\\S]*?\\*\\/", "/*"),
	of("<(\\w+)[^>]*>.*<\\/\\w+>", "<a>"),
	of("(?:.|\\n)*?end", "x\n"),
	of('([^"\\\\]+|\\\\.)*"', "a\\\\"),
	of('"(?:[^"\\\\]|\\\\.)*"', '\\"', "", '"'),
	of("^(.*?,){11}P", "1,"),
	of("\\bsend\\s+.*\\bremote\\b", "send "),
	of("\\b(upload|send|transmit)\\s+.*\\b(external|remote|s3|bucket)\\b", "send "),
	of("DELETE\\s+FROM\\s+.*WHERE\\s+1\\s*=\\s*1", "DELETE FROM "),
	of("SELECT.*FROM.*WHERE.*OR.*=.*--", "SELECT FROM WHERE OR "),
	of("(https?:\\/\\/)?([\\da-z\\.-]+)\\.([a-z\\.]{2,6})([\\/\\w \\.-]*)*\\/?$", "a.a/", "!"),
	of(
		"^(-?(?:\\d+)?\\.?\\d+) *(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|years?|yrs?|y)?$",
		"1",
		"x",
	),
	of("^hsla?\\(\\s*([+-]?(?:\\d{0,3}\\.)?\\d+)(?:deg)?\\s*,?\\s*([+-]?[\\d.]+)%\\s*", " ", "x", "hsl(1"),
	of("(?:charset|encoding)\\s*=\\s*['\"]? *([\\w\\-]+)", " ", "!", "charset="),
	of("^(([^=;]+))\\s*=\\s*([^\\n\\r\\0]*)", " ", "\n", "x"),
	of('((?:[^;]+;)*)\\s*boundary=(?:"([^"]+)"|([^;]+))$', "a;", "\u0000"),
	of("^data:([^;,]*)?((?:;[^;,]*)*)?(;base64)?,$", ";a", "!", "data:"),
	of("(\\+|\\*|\\?|\\[[^\\]]*\\]|\\{[^}]*\\})+$", "[", "x"),
	of("^(?:\\+?1[-. ]?)?(?:\\(?\\d{1,3}\\)?[-. ]?)+$", "1", "x"),
	of("(?:(?:a|b)|(?:a|c))*(?:d|e)+f", "abac"),
	of("^(?=.*a)(?=.*b).*$", "a"),
	of("(.)\\1+$", "a", "b"),
	of("((a{1,100}){1,100}){1,100}b", "a"),
	of("[^]{0,900}a[^]{0,900}b[^]{0,900}c", "a"),
];

/** About as long as is asked for. */
export const provocation = ({ before, repeated, after }: Redos, length: number): string =>
	before + repeated.repeat(Math.ceil(length / repeated.length)) + after;
