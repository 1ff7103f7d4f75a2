/** Makefiles: what they run. */

/** Commands of a makefile's named targets, or of its first, of what they need, and what `$(shell …)` runs whatever is made. */
export function recipes(text: string, named: readonly string[]): readonly string[] {
	const targets = new Map<string, { readonly needs: readonly string[]; readonly lines: string[] }>();
	let current: string[] = [];
	const found: string[] = [...text.matchAll(/\$\(shell\s+([^)]{1,2000})\)|^\w+\s*!=\s*(.{1,2000})/gm)].map(
		([, run, assigned]) => run ?? assigned ?? "",
	);
	for (const line of text.split("\n").slice(0, LINES_MAX)) {
		const [, name = "", needs = "", inline] = /^([\w./%-]+)\s*:(?![=:])([^;=]*)(?:;(.*))?$/.exec(line) ?? [];
		if (name !== "") {
			current = inline === undefined ? [] : [inline];
			targets.set(name, { needs: needs.split(/\s+/), lines: current });
		} else if (line.startsWith("\t")) current.push(line.replace(/^\t[\s@+-]*/, ""));
	}
	const asked = named.filter((name) => targets.has(name));
	const reached = new Set(
		asked.length > 0 ? asked : [...targets.keys()].filter((name) => !name.startsWith(".")).slice(0, 1),
	);
	for (const name of reached) {
		const target = targets.get(name);
		if (target === undefined) continue;
		found.push(...target.lines);
		for (const need of target.needs) if (targets.has(need)) reached.add(need);
	}
	return found;
}

const LINES_MAX = 1_000;
