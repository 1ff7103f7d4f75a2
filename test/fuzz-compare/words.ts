/** The words of random policies and of the calls that they are tried on. */

export const TOOL_GLOBS = ["*", "*", "bash", "Bash", "fs.*", "fs.read", "m*", "[bm]*", "?ail", "*s*"];

export const REGEXES = ["rm", "rm -rf", "^rm", "^", "rm$", "r.?m", "(rm|dd)", "\\brm\\b", "[0-9]", "[0-9]{2,}", "x*"];
export const SUBSTRINGS = ["rm", "RM", "dd", " ", "/etc", "7", "command"];
export const TEXT_GLOBS = ["rm*", "*", "/srv/*", "*dd*", "{rm,dd}", "?", "rm -*"];
export const PATHS = ["/srv/**", "/srv/*", "/tmp/**", "**", "/etc/passwd", "/srv/a/*"];
/** Of tests, with what a session says of itself. */
export const TEST_PATHS = [
	"/srv/**",
	"/srv/a/**",
	"/tmp/*",
	"{workspace}/**",
	"{workspace}/x",
	"/srv/a",
	"**",
	"/data/{tenant}/**",
	"{home}/*",
	"a/*",
];
export const EXEMPT_REGEXES = ["rm -rf", "^rm", "dd", "[0-9]", "/etc"];

export const PATTERN_SELECTORS = [
	"args",
	"args",
	"args.command",
	"args.path",
	"args.*",
	"args.x.path",
	"args.x",
	"tool",
];
export const TEST_SELECTORS = [
	"args.command",
	"args.command",
	"args.path",
	"args.x.path",
	"args.*",
	"args.x.*#key",
	"args.list",
	"args.command | args.path",
];

export const RANGES = ["> 5", ">= 5", "< 5", "<= 5", "1..10", "5", "> 1, <= 7", "<= 1.5", ">= 1e1", "> 0", "2..6"];
/** Of texts and lists. */
export const SIZES = ["> 5", ">= 5", "< 5", "<= 5", "1..10", "5", "> 1, <= 7", "> 0", "2..6"];
export const ONE_OF = ["rm", "RM", 5, "5", true, "x", "dd"];
export const HOSTS = ["a.com", "*.a.com", "*.x.a.com", "*.com", "b.com:81", "10.0.0.1", "*"];
export const ADDRESS_CLASSES_USED = ["private", "loopback", "link-local", "metadata"];
export const EMAILS = ["*@a.com", "ann@a.com", "*@*.com", "a*@a.com"];
export const REDACTED = ["args.path", "args.*", "args.x.path", "args.x", "args.command"];
export const STAGES = ["0%", "25%", "50%", "100%"];
export const EXPIRIES = ["1970-01-01T00:00:30Z", "1970-01-01T00:05:00Z"];

/** What is asked of what the classifier reads. */
export const CATEGORY_WORDS = [
	"dangerous",
	"destructive_data",
	"code_execution",
	"data_exfiltration",
	"data_read",
	"network_access",
];
export const CONFIDENCES = [30, 50, 60, 75, 80, 90];
/** Attributes of commands. */
export const ATTRIBUTES_ASKED = [
	{ program: ["rm"] },
	{ program: ["rm", "dd"] },
	{ program: ["r*", "cat"] },
	{ program: ["rm"], flags: ["r", "rf"] },
	{ words: ["x", "/etc/*"] },
	{ flags: ["r"] },
	{ via: ["sudo"] },
];
export const LISTED = ["rm", "ls", "rm x", "rm -r", "cat", "dd", "sudo"];
