/** What calls do with the files that they name. */

/** `read`, `write`, `delete`; undefined for a call whose texts are no paths. */
export function accessOf(name: string, method: string): string | undefined {
	if (
		/^(?:os\.(?:remove|unlink|rmdir|removedirs|truncate)|shutil\.rmtree|send2trash\.send2trash)$/u.test(name) ||
		(name.includes("Path()") && /^(?:unlink|rmdir)$/u.test(method))
	)
		return "delete";
	if (
		/^(?:os\.(?:rename|replace|renames|link|symlink|mkdir|makedirs|chmod|chown)|shutil\.(?:copy|copy2|copyfile|copytree|move|chown))$/u.test(
			name,
		)
	)
		return "write";
	if (name.includes("Path()"))
		return /^(?:write_text|write_bytes|mkdir|touch|rename|replace|chmod|symlink_to)$/u.test(method) ? "write" : "read";
	if (/^(?:os\.(?:listdir|scandir|walk|stat|readlink)|glob\.i?glob|linecache\.getlines?)$/u.test(name)) return "read";
	if (
		/^(?:upload_file|upload_fileobj|upload_from_filename|storbinary|put|sftp|read_csv|read_table|read_json|read_excel|loadtxt|genfromtxt|load|ZipFile|fput_object)$/u.test(
			method,
		)
	)
		return "read";
	if (
		/^(?:to_csv|to_json|to_excel|to_parquet|to_pickle|savefig|save|savetxt|imwrite|extractall|download_file|download_to_filename|urlretrieve|fget_object)$/u.test(
			method,
		)
	)
		return "write";
	if (/^sqlite3\.connect$|(?:ConfigParser\(\)\.read|load_dotenv|dotenv_values)$/u.test(name)) return "read";
	if (/\bCreateFile[AW]?$/u.test(name)) return "write";
	return undefined;
}

/** Does an expression open a file of data to be written from its beginning? Where nothing is written then, it is emptied. */
export const isEmptying = (expression: string): boolean => EMPTYING.test(expression);
const EMPTYING =
	/^(?:io\.)?open\([^()]*\.(?:db|sqlite3?|sql|log|dat|data|bak|csv|jsonl?|parquet|kdbx?|xlsx?|docx?|img|tar|gz|zip)['"]\s*,\s*(?:mode\s*=\s*)?['"]w[bt+]*['"]/u;
