/**
 * Policy files as they are on the disk: what a path stands for, and the texts that are there now.
 *
 * A folder stands for every `.yaml` and `.yml` file in it and in its subfolders, links followed. Names that begin with a dot
 * are passed over: editors' locks (`.#a.yaml`), file managers' companions (`._a.yaml`), a mounted volume's own folders
 * (`..data`). So are tests of policies (`pay.test.yaml`, of `kind: PolicyTest`), which lie beside them. Whatever else cannot be
 * read is a problem, never left out.
 */
import { isUtf8 } from "node:buffer";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Problem, problem } from "../core/base/errors.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import { FILE_BYTES_MAX, fileProblem, readNamedFile } from "./named-file.ts";

export interface PolicyFiles {
	/** In the order of the paths, within a folder by name. */
	readonly sources: readonly PolicySourceText[];
	readonly problems: readonly Problem[];
}

/** Entries of folders that are looked at: whoever names `/` is told instead of waiting. */
const ENTRIES_MAX = 10_000;

const IS_YAML = /\.ya?ml$/i;
const IS_TEST = /\.test\.ya?ml$/i;

/** A file that is called as tests are, and is a policy, is one: nothing that denies is left out for its name. */
const isTest = ({ name, text }: PolicySourceText): boolean =>
	IS_TEST.test(name) && /^\ufeff?kind:[ \t]*["']?PolicyTest["']?[ \t]*(?:#.*)?\r?$/m.test(text);

/** Never throws. */
export async function readPolicyFiles(paths: readonly string[]): Promise<PolicyFiles> {
	const found = await readDocumentFiles(paths);
	return { ...found, sources: found.sources.filter((source) => !isTest(source)) };
}

/** Policies, and tests of policies. Never throws. */
export const readDocumentFiles = (paths: readonly string[]): Promise<PolicyFiles> =>
	readFiles(paths, {
		ending: IS_YAML,
		noun: "policy",
		help: "policies are files that end in `.yaml` or `.yml`, in it or in its subfolders",
	});

/** Test cases of policies: in a folder, the files that end in `.test.yaml` or `.test.yml`. Never throws. */
export const readTestFiles = (paths: readonly string[]): Promise<PolicyFiles> =>
	readFiles(paths, {
		ending: IS_TEST,
		noun: "test",
		help: "tests of policies are files that end in `.test.yaml`, in it or in its subfolders",
	});

/** What is looked for in folders. */
interface Wanted {
	readonly ending: RegExp;
	readonly noun: string;
	/** What to do where a folder has none. */
	readonly help: string;
}

async function readFiles(paths: readonly string[], wanted: Wanted): Promise<PolicyFiles> {
	const sources: PolicySourceText[] = [];
	const problems: Problem[] = [];
	const reading: Reading = { entries: 0, problems, wanted };
	for (const path of paths) {
		const folders = new Set<string>();
		for (const file of await filesAt(path, reading, folders)) {
			try {
				const { size } = await stat(file);
				if (size > FILE_BYTES_MAX) {
					problems.push(problem("POLICY_LIMITS", `the file has ${size} bytes`, "is it a policy at all?", { file }));
					continue;
				}
				const read = await readNamedFile(file);
				if (!read.ok) problems.push(read.error);
				else if (isUtf8(read.value)) sources.push({ name: file, text: read.value.toString("utf8") });
				else problems.push(problem("POLICY_YAML", "the file is not UTF-8", "save it as UTF-8", { file }));
			} catch (thrown) {
				problems.push(fileProblem(file, thrown));
			}
		}
	}
	return { sources, problems };
}

interface Reading {
	entries: number;
	readonly problems: Problem[];
	readonly wanted: Wanted;
}

/** The file itself, or the policy files of a folder. */
async function filesAt(path: string, reading: Reading, folders: Set<string>): Promise<string[]> {
	const kind = await kindOf(path, reading);
	if (kind === null) return [];
	if (kind !== "folder") return [path];
	const before = reading.problems.length;
	const files = await filesIn(path, reading, folders);
	if (files.length === 0 && reading.problems.length === before) {
		const { noun, help } = reading.wanted;
		reading.problems.push(
			problem("POLICY_EMPTY", `there is no ${noun} in the folder \`${path}\``, help, { file: path }),
		);
	}
	return files;
}

/** `folders` are those that were read already: a link may lead back to one. */
async function filesIn(folder: string, reading: Reading, folders: Set<string>): Promise<string[]> {
	const files: string[] = [];
	try {
		const real = await realpath(folder);
		if (folders.has(real)) return [];
		folders.add(real);
		const entries = await readdir(folder, { withFileTypes: true });
		for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
			if (entry.name.startsWith(".")) continue;
			if (++reading.entries > ENTRIES_MAX) {
				if (reading.entries === ENTRIES_MAX + 1) reading.problems.push(tooMany(folder));
				return files;
			}
			const path = join(folder, entry.name);
			const isWanted = reading.wanted.ending.test(entry.name);
			// Of other files only a link is looked at: it may lead to a folder.
			if (!(isWanted || entry.isDirectory() || entry.isSymbolicLink())) continue;
			const kind = await kindOf(path, isWanted ? reading : null);
			if (kind === "folder") files.push(...(await filesIn(path, reading, folders)));
			else if (isWanted && kind === "file") files.push(path);
			else if (isWanted && kind === "other") reading.problems.push(noFile(path));
		}
	} catch (thrown) {
		reading.problems.push(fileProblem(folder, thrown));
	}
	return files;
}

/** Null where there is nothing to be read, which is told to `reading`. */
async function kindOf(path: string, reading: Reading | null): Promise<"file" | "folder" | "other" | null> {
	try {
		const found = await stat(path);
		if (found.isDirectory()) return "folder";
		return found.isFile() ? "file" : "other";
	} catch (thrown) {
		reading?.problems.push(fileProblem(path, thrown));
		return null;
	}
}

const noFile = (path: string): Problem =>
	problem("ASSENT_FILE_UNREADABLE", `\`${path}\` is not a regular file`, "move it out of the policies' folder", {
		file: path,
	});

const tooMany = (folder: string): Problem =>
	problem("POLICY_LIMITS", `more than ${ENTRIES_MAX} files and folders`, "name a folder that holds policies alone", {
		file: folder,
	});
