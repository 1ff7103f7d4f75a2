/** Which language a text may be in, by its looks. Each errs to no: what is asked for by name is read without them. */
import type { Programs } from "./programs.ts";

/** As much as a look needs. */
const LOOKED_AT = 4_000;

const head = (text: string): string => (text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text);

const SQL =
	/^\s*(?:\/\*.*?\*\/\s*|--[^\n]*\n\s*|\(\s*)*(?:select\b[\s\S]{1,4000}?\bfrom\b|select\s+[\w@(*'"]|insert\s+(?:ignore\s+)?into\b|replace\s+into\b|update\s+[\w."`[\]]+\s+set\b|delete\s+from\b|drop\s*(?:\/\*.*?\*\/\s*)?(?:table|database|schema|index|view|user|role|function|trigger|procedure|sequence|column|materialized\s+view)\s+[\w"`[']|truncate\s+(?:table\s+)?[\w."`]+\s*;?\s*$|alter\s+(?:table|user|role|database|system|login|server)\b|create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:unique\s+)?(?:table|database|schema|index|view|user|role|login|function|trigger|procedure|extension|sequence)\b|grant\s+[\w\s,]+\s+(?:on|to)\b|revoke\s+[\w\s,]+\s+(?:on|from)\b|exec(?:ute)?\s+(?:master\b|sp_|xp_)|declare\s+@\w+\s+\w+|copy\s+[\w.(]+.*\b(?:from|to)\b|with\s+(?:recursive\s+)?\w+\s+(?:\([^)]*\)\s*)?as\s*\(|merge\s+into\b|load\s+data\b|attach\s+database\b|pragma\s+\w+|show\s+(?:tables|databases|grants|columns)|explain\s+(?:analyze\s+)?select\b)/i;

export const looksLikeSql = (text: string): boolean => SQL.test(head(text));

export const looksLikeUrl = (text: string): boolean =>
	/^\s*(?:https?|ftps?|wss?|file|s3|gs|ssh|git|ldaps?|gopher|dict|tcp|smb|sftp|redis|mongodb(?:\+srv)?|postgres(?:ql)?|mysql|amqp|jdbc:\w+):\/\/\S+\s*$/i.test(
		text,
	);

export const looksLikePath = (text: string): boolean =>
	text.length < 1_024 &&
	!/[\n|;&<>]/.test(text) &&
	/^(?:~?\/[\w.*-]|~$|\/$|\.{1,2}\/|[A-Za-z]:[\\/]|\\\\[\w.?]|%\w+%\\|\$(?:HOME|env:)|\.(?:ssh|aws|env|git|bash|zsh|gnupg|kube|docker|netrc|config)\b|etc\/|file:\/\/)/.test(
		text,
	);

const VERB_NOUN =
	/(?:^|[\s;|({=&])(?:add|clear|compress|convertfrom|convertto|copy|debug|disable|enable|enter|expand|export|find|foreach|format|get|grant|import|initialize|install|invoke|join|measure|mount|move|new|out|read|receive|register|remove|rename|reset|resolve|restart|restore|resume|revoke|save|select|send|set|show|sort|split|start|stop|suspend|tee|test|unblock|uninstall|unregister|update|wait|where|write)-[a-z][a-z]+\b/i;
const POWERSHELL_SIGNS =
	/\$env:\w|\$\w+\s*=\s*(?:new-|get-|\[|@[({])|\[(?:system|net|io|reflection|convert|text|environment|diagnostics|runtime)\.[\w.]+\]|\[\w+\]::\w|\biex\b|\biwr\b|-enc(?:odedcommand)?\s|\|\s*(?:%|\?)\s*\{|\$_\b|@\{|\bpscustomobject\b|\[adsi|hk(?:lm|cu):\\/i;

export const looksLikePowerShell = (text: string): boolean =>
	VERB_NOUN.test(head(text)) || POWERSHELL_SIGNS.test(head(text));

const CMD_SIGNS =
	/(?:^|[\s"'=(])[a-z]:\\|%[a-z_()\d]+%|\\\\[\w.-]+\\|\b[\w-]+\.(?:exe|bat|cmd|vbs|dll|msi)\b|\bhk(?:lm|cu|cr|ey_\w+)\\|(?:^|[&|]\s*)(?:reg|schtasks|wmic|bcdedit|vssadmin|certutil|rundll32|regsvr32|mshta|netsh|cipher|wevtutil|icacls|takeown|attrib|bitsadmin|cscript|wscript|sc|net1?|tasklist|taskkill|fsutil|diskpart|del|erase|rd|rmdir|copy|xcopy|robocopy|type|dir|ipconfig|systeminfo|whoami|nltest|dsquery|cmdkey|msiexec|setx|assoc|ftype|format|gpupdate|gpresult|qwinsta|quser|query|tzutil|powercfg|mklink|chkdsk|sfc|dism|driverquery|where|findstr)\s+(?:\/\w|[a-z]:|query|add|delete|create|config|start|stop|user|localgroup|view|use|share|group|accounts|stop|advfirewall|process|shadowcopy)/im;

export const looksLikeCmd = (text: string): boolean => CMD_SIGNS.test(head(text));

const JAVASCRIPT =
	/\brequire\s*\(\s*['"`]|\b(?:const|let|var)\s+[\w{[]|=>|\bfunction\s*\w*\s*\(|\bconsole\.\w+\(|\bprocess\.(?:env|exit|argv|binding|mainModule)|\bdocument\.|\bawait\s+fetch\(|\bnew\s+Function\(|\bglobalThis\b|===/;
const PYTHON =
	/(?:^|\n)\s*(?:import\s+\w|from\s+[\w.]+\s+import\b|def\s+\w+\s*\(|class\s+\w+[:(]|for\s+\w+\s+in\s|if\s+.+:\s*$|with\s+open\()|\bprint\s*\(|__\w+__|\bos\.(?:system|popen|remove|environ|path)|\bsubprocess\.|\beval\s*\(|\bexec\s*\(|\blambda\s+\w*:/m;

export const looksLikeJavaScript = (text: string): boolean =>
	JAVASCRIPT.test(head(text)) && !/(?:^|\n)\s*(?:import \w+$|from \w+ import|def )/.test(head(text));

/** Of a language without a reader of its own, by what none of those with one begins or goes on with. */
const OTHER_CODE =
	/<\?(?:php|=)|(?:^|\n)\s*(?:package\s+\w+\s*(?:;|\n)|public\s+(?:static|class)\b|#include\s*[<"]|use\s+(?:strict|warnings|Socket|[A-Z]\w+::\w+)|my\s+[$@%]\w|require\s+['"][\w/-]+['"]\s*(?:;|\n|$)|puts\s|local\s+\w+\s+=\s|fn\s+main\s*\(|func\s+main\s*\(|\w+\s*<-\s)|\bSystem\.out\.print|(?:^|[^[.])\bSystem\.Diagnostics\.Process\b|\bnew\s+(?:ProcessBuilder|ObjectInputStream)\b|\bgetRuntime\(\)|\bFileUtils\.\w|\bIO\.popen\b|\bMarshal\.load\b|\bos\.execute\s*\(|\bio\.popen\s*\(|\bfsockopen\s*\(|\.execute\(\)\.text|\bprintln\s+["(]/;

const NOT_OTHER =
	/(?:^|\n)\s*(?:import\s+\w+\s*(?:\n|$|as\s)|from\s+[\w.]+\s+import\b|def\s+\w+\(.*:\s*(?:\n|$)|(?:const|let)\s+[\w{[])/;

export const looksLikeOtherCode = (text: string): boolean => OTHER_CODE.test(head(text)) && !NOT_OTHER.test(head(text));

export const looksLikePython = (text: string): boolean => PYTHON.test(head(text));

const SHELL_LOOKED_AT = 65_536;

const FIRST_WORD = /^\s*(?:sudo\s+|env\s+|nohup\s+)?(?:\/(?:[\w.-]+\/)+)?([\w.+-]+)(?=\s|$|[;|&<>])/;

/** Begins with a known program, and goes on as a command does: with a flag, a path, a pipe, a redirect. Prose does not. */
export function looksLikeShell(whole: string, programs: Programs): boolean {
	const text = whole.length > SHELL_LOOKED_AT ? whole.slice(0, SHELL_LOOKED_AT) : whole;
	if (/^\s*#!/.test(text) || /\/dev\/tcp\//.test(text) || /[|;&]\s*(?:ba|z|da|k)?sh\b/.test(text)) return true;
	const first = FIRST_WORD.exec(text)?.[1];
	if (first === undefined || !programs.isProgram(first)) return false;
	return /\s-{1,2}[A-Za-z]|\s[~.]?\/|[|;&><`]|\$[({A-Za-z]/.test(text);
}

/** An object or list that stands in a text. */
export const looksLikeJson = (text: string): boolean =>
	!/^[\w./~-]/.test(text) && /^\s*(?:\{\s*["}]|\[\s*[[{"\]\d])/.test(text) && /[}\]]\s*$/.test(text);
