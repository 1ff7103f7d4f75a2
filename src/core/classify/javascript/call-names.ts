/** What calls of JavaScript do, by the names that they are called by: `child_process.exec`, `pug.render`, `.query`. */

export const COMMANDS: ReadonlySet<string> = new Set(
	"exec execSync spawn spawnSync execFile execFileSync fork $ execa execaSync execaCommand execaCommandSync"
		.split(" ")
		.flatMap((name) => [`child_process.${name}`, `execa.${name}`, `shelljs.${name}`, `zx.${name}`])
		.concat("Deno.Command", "Deno.run", "Bun.spawn", "Bun.spawnSync", "Bun.$"),
);
/** Of these, those that are given words instead of a line. */
export const VECTORS = /\.(?:spawn|execFile|fork|Command|run$|execa)/u;
/** Calls whose text is code in time or elsewhere. */
export const CODE =
	/^(?:eval|Function|execScript|set(?:Timeout|Interval)|vm\.run\w+|vm\.Script)$|(?:^|\.)constructor$/u;
/** Templates and modules by a text: what is given to them runs. */
export const BECOMES_CODE =
	/^require$|^(?:ejs|pug|jade|handlebars|hbs|nunjucks|dot|dust|marko|eta|underscore|lodash|_)\.(?:render\w*|compile\w*|template)$/u;
/** `new tree.constructor()` makes another of its kind. */
export const COPIED = /^(?!.*constructor\.constructor).*\.constructor$/u;
/** Methods whose text may be a statement. */
export const STATEMENTS =
	/(?:^|\.)(?:query|execute|exec|raw|run|all|prepare|\$executeRawUnsafe|\$queryRawUnsafe|\$executeRaw|\$queryRaw|unsafe|sql|statement)$/u;
/** How such a text begins. */
export const STATEMENT =
	/^\s*(?:select|insert|update|delete|drop|truncate|alter|create|grant|revoke|merge|with|copy)\s/iu;
/** Calls after which what is written somewhere may be sent, and those that write so. */
export const CONNECTING =
	/^(?:fetch$|axios|got|https?\.|net\.|tls\.|dgram\.|ws$|ws\.|WebSocket|XMLHttpRequest|navigator\.|socket\.io|undici|node-fetch|superagent|request|form-data|firebase|pusher|mqtt|amqplib)/u;
export const SENDING =
	/\.(?:send|end|write|submit|emit|pipe|post)$|^(?:firebase|pusher|mqtt|amqplib)\b.*\.(?:push|set|update|add|publish|trigger|sendToQueue)$|^\.(?:push|set|publish|trigger)$/u;

/** Members that only look: who spells them so hides nothing. */
export const LOOKING = /^(?:fs\.(?:read|exists|stat|lstat|access|open|write|append|mkdir)|https?\.|net\.|dns\.|os\.)/u;
export const SHELLS = /^(?:\/(?:usr\/)?bin\/)?(?:sh|bash|zsh|dash|cmd|cmd\.exe|powershell|powershell\.exe|pwsh)$/iu;
/** Names of commands that code may use without showing where it has them from. */
export const BARE_COMMANDS = /^(?:spawn|spawnSync|exec|execSync|execFile|execFileSync)$/u;

/** What a call does with the files that it names: `read`, `write`, `delete`, `mode`; undefined for a call whose texts are no paths. */
export function accessOf(name: string): string | undefined {
	if (!/^(?:fs|Deno|Bun)\./u.test(name) && !/^rimraf/u.test(name)) return undefined;
	if (/rm|unlink|remove|rmdir|emptyDir|rimraf/u.test(name)) return "delete";
	if (/chmod|chown/u.test(name)) return "mode";
	return /write|append|copy|rename|mkdir|truncate|symlink|output/iu.test(name) ? "write" : "read";
}
