/** What assignments and imports bind. */
import type { Calls } from "./calls.ts";
import type { Span } from "./facts.ts";
import { canonical } from "./names.ts";
import { isPlain, type Scope } from "./scope.ts";
import { ofName, ofText, UNKNOWN, type Value } from "./value.ts";

/** Members that make an account one that may do everything. */
const RIGHTS = /\.(?:is_superuser|is_staff|is_admin|is_root|superuser)$/u;

export class Bindings {
	readonly #scope: Scope;
	readonly #calls: Calls;

	constructor(scope: Scope, calls: Calls) {
		this.#scope = scope;
		this.#calls = calls;
	}

	/** `a, b = c, d` */
	bind(targets: readonly string[], values: readonly Value[], span: Span): void {
		const [only] = values;
		const parts = values.length === 1 ? only?.items : values;
		const taint = values.reduce((sum, value) => sum | value.taint, 0);
		for (const [index, target] of targets.entries()) {
			const value =
				targets.length === 1 ? (values.length === 1 ? only : { items: values, taint }) : (parts?.[index] ?? { taint });
			this.set(target, value ?? UNKNOWN, span);
		}
	}

	/** A name, a member or an entry, as it is spelled. */
	set(target: string, value: Value, span: Span): void {
		if (RIGHTS.test(target) && value.name === "True") this.#calls.noted("rights-raised", span);
		// What runs a text is put where a sign or a bracket calls it; code is put in place of other code.
		if (value.name !== undefined && /(?:^|\.)__\w+__$/u.test(target)) this.#calls.referred(value.name, [], span);
		if (target.endsWith(".__code__")) this.#calls.noted("__globals__", span);
		if (/^[\w.]+$/u.test(target)) this.#scope.set(target, value);
		else if (!isPlain(target) && !/[[\](){}'"\s]/u.test(target)) this.#scope.set(target.normalize("NFKC"), value);
		else {
			const key = /^(?:os\.)?environ\[\s*['"](\w+)['"]\s*\]$/u.exec(target)?.[1];
			if (key !== undefined)
				this.#calls.called({
					names: ["os.environ.__setitem__"],
					receiver: UNKNOWN,
					args: [ofText(key), value],
					keywords: new Map(),
					from: span.from,
					to: span.to,
				});
			const owner = /^([\w.]+)\[/u.exec(target)?.[1];
			const known = owner === undefined ? undefined : this.#scope.get(owner);
			if (owner !== undefined && value.taint !== 0)
				this.#scope.set(owner, { ...(known ?? UNKNOWN), taint: (known?.taint ?? 0) | value.taint });
		}
	}

	/** An import, as it is spelled. */
	imports(spelled: string, span: Span): void {
		const source = spelled.replaceAll(/\\\n|[()]|#[^\n]*/gu, " ").trim();
		const from = /^from\s+([\w.\s]*?)\s*\bimport\s+([\s\S]*)$/u.exec(source);
		const list = (from?.[2] ?? source.replace(/^import\s+/u, "")).split(",");
		const module = from?.[1]?.replaceAll(/\s/gu, "");
		if (module !== undefined && !module.startsWith(".")) this.#calls.imported(module, span);
		for (const item of list) {
			const [name = "", alias] = item.trim().split(/\s+as\s+/u);
			if (name === "") continue;
			if (name === "*") {
				if (module !== undefined) this.#scope.stars.push(canonical(module));
				continue;
			}
			if (module !== undefined)
				this.#scope.set(
					alias ?? name,
					module.startsWith(".") ? ofName(`<local>.${name}`) : ofName(canonical(`${module}.${name}`)),
				);
			else {
				this.#calls.imported(name, span);
				const root = name.split(".")[0] ?? name;
				this.#scope.set(alias ?? root, ofName(canonical(alias === undefined ? root : name)));
			}
		}
	}
}
