/** What calls do with the files that they name. */

/** `read`, `write`, `delete`, `mode`; undefined for a call whose texts are no paths. */
export function accessOf(name: string): string | undefined {
	if (!/^(?:fs|Deno|Bun)\./u.test(name) && !/^rimraf/u.test(name)) return undefined;
	if (/rm|unlink|remove|rmdir|emptyDir|rimraf/u.test(name)) return "delete";
	if (/chmod|chown/u.test(name)) return "mode";
	return /write|append|copy|rename|mkdir|truncate|symlink|output/iu.test(name) ? "write" : "read";
}
