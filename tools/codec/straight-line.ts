/**
 * Writers and readers of the present records as straight-line code, one function for each record and list of the schemas.
 *
 * The codec's own (`compileBodyWriter`, `recordReader`) are loops over fields that serve every shape, and so serve none at
 * speed: each field costs a call that cannot be known and a look-up by name. Both give the same bytes, values and faults; a
 * test holds the one against the other.
 */
import { DEFINITIONS } from "../../src/core/codec/schemas/all.ts";
import { type Definition, stampOf } from "../../src/core/codec/schemas/definition.ts";
import * as parts from "../../src/core/codec/schemas/parts.ts";
import type { ListShape, RecordShape, Shape } from "../../src/core/codec/shape.ts";

/** A generated file, by its path from the project's root. */
export interface CodecFile {
	readonly path: string;
	readonly text: string;
}

export const codecFiles = (): readonly CodecFile[] => [
	{ path: "src/core/codec/generated/writers.ts", text: fileOf(new Writers()) },
	{ path: "src/core/codec/generated/readers.ts", text: fileOf(new Readers()) },
];

/** Code for each shape, each once, those that it is made of before it. */
abstract class Code {
	readonly imports = new Set<string>();
	readonly shared = new Set<string>();
	readonly #lines: string[] = [];
	readonly #names = new Map<string, string>();
	readonly #ofShape = new Map<Shape, string>();

	abstract readonly module: string;
	abstract readonly verb: string;
	abstract readonly type: string;
	abstract readonly helpers: readonly string[];

	protected abstract list(name: string, shape: ListShape): string;
	protected abstract record(name: string, shape: RecordShape, stamp: string): string;

	/** The name of the function for a shape. `stamp`: what the schema says of a record. */
	of(shape: Shape, stamp = ""): string {
		const known = this.#ofShape.get(shape);
		if (known !== undefined) return known;
		const name = this.#nameOf(shape, stamp);
		this.#ofShape.set(shape, name);
		return name;
	}

	get text(): string {
		return this.#lines.join("\n\n");
	}

	#nameOf(shape: Shape, stamp: string): string {
		switch (shape.shape) {
			case "boolean":
			case "count":
				return this.#import(`${this.verb}${shape.shape === "count" ? "Count" : "Boolean"}`);
			case "text": {
				const { lengthMin, lengthMax, controls } = shape;
				const name = `text${lengthMin}To${lengthMax}${controls ? "WithControls" : ""}`;
				return this.#leaf(name, "text", `{ lengthMin: ${lengthMin}, lengthMax: ${lengthMax}, controls: ${controls} }`);
			}
			case "word":
				return this.#leaf(wordsName(shape.words), "word", `[${shape.words.map((word) => `"${word}"`).join(", ")}]`);
			case "digest":
				return this.#leaf(shape.optional ? "digestOrNone" : "digest", "digest", String(shape.optional));
			case "bytes": {
				const { lengthMin, lengthMax } = shape;
				const name = `bytes${lengthMin}To${lengthMax}`;
				return this.#leaf(name, "bytes", `{ lengthMin: ${lengthMin}, lengthMax: ${lengthMax} }`);
			}
			case "nullable":
				throw new Error("a nullable is part of its record's code");
			case "list":
				return this.#once(`${this.of(shape.of)}List${shape.lengthMax}`, (name) => this.list(name, shape));
			case "record": {
				const name = this.#free(`${shape.name.charAt(0).toLowerCase()}${shape.name.slice(1)}`);
				const code = this.record(shape.fragments === undefined ? name : `own${shape.name}`, shape, stamp);
				return shape.fragments === undefined ? this.#add(name, code) : this.#share(name, shape, code);
			}
		}
	}

	#leaf(name: string, kind: string, bounds: string): string {
		const make = this.#import(kind + this.module);
		return this.#once(name, () => `const ${name} = ${make}(${bounds});`);
	}

	#share(name: string, shape: RecordShape, code: string): string {
		const exported = Object.entries(parts).find(([, part]) => part === shape)?.[0];
		if (exported === undefined) throw new Error(`\`${shape.name}\` is shared and not exported`);
		this.shared.add(exported);
		const make = this.#import(`shared${this.module}`);
		return this.#add(
			`${name}Shared`,
			`${code}\n\nconst ${name}Shared = ${make}(${exported}.fragments, own${shape.name});`,
		);
	}

	#import(name: string): string {
		this.imports.add(name);
		return name;
	}

	#once(name: string, code: (name: string) => string): string {
		const known = this.#names.get(name);
		return known ?? this.#add(name, code(name));
	}

	#add(name: string, code: string): string {
		this.#names.set(name, name);
		this.#lines.push(code);
		return name;
	}

	/** Two records may have one name and differ in their bounds. */
	#free(name: string): string {
		for (let number = 1; ; number++) {
			const free = number === 1 ? name : `${name}${number}`;
			if (!this.#names.has(free) && !this.#names.has(`${free}Shared`)) return free;
		}
	}
}

const wordsName = (words: readonly string[]): string =>
	`word${words.map((word) => word.replace(/(?:^|\W|_)(\w)/g, (_, letter: string) => letter.toUpperCase())).join("")}`;

class Writers extends Code {
	readonly module = "Writer";
	readonly verb = "write";
	readonly type = "BodyWriter";
	readonly helpers = ["beginList", "beginNullable", "endList", "type BodyWriter"];

	protected list(name: string, { of, lengthMax }: ListShape): string {
		return `function ${name}(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, ${lengthMax})) return false;
	for (let item = 0; item < value.length; item++) {
		if (!${this.of(of)}(sink, value[item])) return within(sink, \`[\${item}]\`);
	}
	return endList(sink);
}`;
	}

	protected record(name: string, { fields }: RecordShape): string {
		const writes = fields.map((field) => `(${this.#field(field.name, field.of)} || within(sink, "${field.name}"))`);
		return `function ${name}(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		${writes.join(" &&\n\t\t")}
	);
}`;
	}

	#field(name: string, shape: Shape): string {
		const value = `fields["${name}"]`;
		if (shape.shape !== "nullable") return `${this.of(shape)}(sink, ${value})`;
		const inner = this.of(shape.of);
		return `(beginNullable(sink, ${value} !== null) && (${value} === null || ${inner}(sink, ${value})))`;
	}
}

class Readers extends Code {
	readonly module = "Reader";
	readonly verb = "read";
	readonly type = "BodyReader";
	readonly helpers = ["beginList", "beginNullable", "endList", "nothing", "type BodyReader", "type Cursor"];

	protected list(name: string, { of, lengthMax }: ListShape): string {
		return `function ${name}(cursor: Cursor): unknown {
	const length = beginList(cursor, ${lengthMax});
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = ${this.of(of)}(cursor);
		if (value === undefined) return nothing(within(cursor, \`[\${item}]\`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}`;
	}

	protected record(name: string, { fields }: RecordShape, stamp: string): string {
		const reads = fields.map((field) => {
			const value = `${field.name}Read`;
			const refused = `if (${value} === undefined) return nothing(within(cursor, "${field.name}"));`;
			if (field.of.shape !== "nullable") return `\tconst ${value} = ${this.of(field.of)}(cursor);\n\t${refused}`;
			const isThere = `${field.name}IsThere`;
			const read = `${isThere} === true ? ${this.of(field.of.of)}(cursor) : ${isThere} === false ? null : undefined`;
			return `\tconst ${isThere} = beginNullable(cursor);\n\tconst ${value} = ${read};\n\t${refused}`;
		});
		const members = fields.map((field) => `${field.name}: ${field.name}Read`);
		return `function ${name}(cursor: Cursor): unknown {
${reads.join("\n")}
	return { ${[...(stamp === "" ? [] : [stamp]), ...members].join(", ")} };
}`;
	}
}

/** The members that say what a record is. */
const stampText = (definition: Definition): string =>
	Object.entries(stampOf(definition))
		.map(([name, type]) => `${name}: "${type}"`)
		.join(", ");

function fileOf(code: Writers | Readers): string {
	const all = DEFINITIONS.map((definition) => [
		definition.shape.name,
		code.of(definition.shape, stampText(definition)),
	]);
	const from = code.module === "Writer" ? "body-writer" : "body-reader";
	const faults = code.module === "Writer" ? "refuse, within" : "within";
	return `/** Made by \`npm run schemas\` out of core/codec/schemas: the ${code.module.toLowerCase()}s of the present records. */
import { ${faults} } from "../body-fault.ts";
import { ${[...code.helpers, ...code.imports].sort().join(", ")} } from "../${from}.ts";
import { ${[...code.shared].sort().join(", ")} } from "../schemas/parts.ts";${code.module === "Writer" ? `\nimport type { Sink } from "../sink.ts";` : ""}

${code.module === "Writer" ? "type Fields = { readonly [name: string]: unknown };\n\n" : ""}${code.text}

/** By the record's name. */
export const ${code.module.toUpperCase()}S: Readonly<Record<string, ${code.type}>> = {
${all.map(([name, own]) => `\t${name}: ${own},`).join("\n")}
};
`;
}
