/** What members, subscripts and calls come to: by their names, through tables of names, by texts that are made. */
import type { Call } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { Span } from "./facts.ts";
import { letterOf, sliced } from "./made.ts";
import { canonical, MODES, PROCESSES } from "./names.ts";
import type { Scope } from "./scope.ts";
import { pathOf, textFunction, textMethod } from "./texts.ts";
import { isWhole, ofName, ofText, SECRET, UNKNOWN, type Value } from "./value.ts";

const NAME_MAX = 200;

/** Tables of names by name. */
const TABLE =
	/^(?:(.*)\.__dict__|vars\(\)|globals\(\)|locals\(\)|builtins|.*(?:__globals__|__builtins__|\.f_globals|\.f_builtins)|sys\.modules)$/u;
const ASKED_OF_TABLES: ReadonlySet<string> = new Set(["get", "__getitem__", "pop", "setdefault"]);
const OWN = /^(?:sys|globals\(\)|vars\(\)|locals\(\))$/u;
/** A text to be filled in that reaches for the classes of the program or for its names. */
const WALKING = /\{[^{}]*__(?:globals|subclasses|builtins|mro|bases?|init)__/u;
/** Of a generator or a coroutine: the way from it to what its caller knows. */
const FRAME = /\b(?:gi|cr|ag)_frame(?:\.f_back)*$/u;
/** Codecs in which no source is written: a text that is spelled in one of them is meant not to be read. */
const OF_MAINFRAMES = /^(?:cp|ibm|ebcdic)[-_]?(?:037|273|424|500|875|1026|1140)/iu;

export class Members {
	/** What the last look by a text came to, and what it was looked for in: `getattr(x, "m")(…)` is `x.m(…)`. */
	got: { readonly value: Value; readonly receiver: Value; readonly method: string } | undefined;
	readonly #scope: Scope;
	readonly #calls: Calls;

	constructor(scope: Scope, calls: Calls) {
		this.#scope = scope;
		this.#calls = calls;
	}

	/** `receiver.method` */
	attribute(receiver: Value, method: string, span: Span): Value {
		if (method === "__call__") return receiver;
		// Whose method `print` is.
		if (method === "__self__" && /^[a-z]+$/u.test(receiver.name ?? "")) return ofName("builtins");
		if (FRAME.test(receiver.name ?? "") && /^f_(?:back|builtins|globals)$/u.test(method))
			this.#calls.noted("__globals__", span);
		const isWalked = method === "__subclasses__" && /^object$|__\w+__$|\?|^$/u.test(receiver.name ?? "");
		if (isWalked || method === "__globals__" || method === "__builtins__") this.#calls.noted(method, span);
		if (receiver.name === undefined)
			return receiver.taint === 0 ? ofName(`?.${method}`) : ofName(`?.${method}`, receiver.taint);
		if (receiver.name === "globals()") return this.#scope.lookUp(method);
		const name = canonical(`${receiver.name}.${method}`);
		const known = this.#scope.get(name);
		if (known !== undefined) return known;
		if (MODES[name] !== undefined) return { number: MODES[name], taint: 0 };
		return ofName(name.slice(0, NAME_MAX), name === "os.environ" ? SECRET : receiver.taint);
	}

	/** `receiver[key]`; `slice`: how what stands in the brackets is spelled. */
	subscript(receiver: Value, key: Value, slice: string, span: Span): Value {
		const { name } = receiver;
		// No other table has such a key.
		if (key.text === "__import__") {
			this.#calls.dynamic(key.text, span);
			return ofName(key.text);
		}
		if (key.text === "__builtins__") return ofName("builtins");
		if (receiver.entries !== undefined)
			return (key.text === undefined ? undefined : receiver.entries.get(key.text)) ?? { taint: receiver.taint };
		if (receiver.text !== undefined) return sliced(receiver, slice);
		if (receiver.items !== undefined)
			return (key.number === undefined ? undefined : receiver.items.at(key.number)) ?? { taint: receiver.taint };
		if (name === undefined) return { taint: receiver.taint };
		// The module itself.
		if (name === "sys.modules" && key.text === undefined) return ofName("globals()");
		if (name === "os.environ" || name === "os.environb") return this.#calls.environment(key, span);
		const table = TABLE.exec(name);
		if (table !== null && key.text !== undefined) {
			const owner = table[1] ?? "";
			const found = owner === "" ? this.#scope.lookUp(key.text) : this.attribute(ofName(owner), key.text, span);
			if (owner === "") this.#veiled(found.name ?? "", span);
			else this.#calls.dynamic(owner, span);
			return found;
		}
		if (table !== null && key.text === undefined) {
			// Of names of the text itself it counts whether what they stand for is called.
			if (OWN.test(name)) return ofName(`${name}.*`, receiver.taint);
			this.#calls.dynamic(name, span);
		}
		return ofName(name, receiver.taint);
	}

	/** What a call gives; it is told on the way. */
	called(callee: Value, method: string, call: Omit<Call, "names">): Value {
		const { receiver, args } = call;
		if (ASKED_OF_TABLES.has(method) && (receiver.entries !== undefined || TABLE.test(receiver.name ?? "")))
			return this.subscript(receiver, args[0] ?? UNKNOWN, "", call);
		if (receiver.text !== undefined) {
			if (/^format(?:_map)?$/u.test(method) && WALKING.test(receiver.text)) this.#calls.noted("__globals__", call);
			if (method === "decode" && OF_MAINFRAMES.test(args[0]?.text ?? "")) this.#calls.noted("decode-ebcdic", call);
			const made = textMethod(receiver, method, args);
			if (made !== undefined) return made;
			if (callee.name?.startsWith("?.") === true)
				return { taint: args.reduce((sum, arg) => sum | arg.taint, receiver.taint) };
		}
		const name = callee.name === undefined ? "?" : callee.name.replace(/^builtins\./u, "");
		// What will be asked of whatever is given later.
		if (/^operator\.(?:methodcaller|attrgetter)$/u.test(name) && args[0]?.text !== undefined)
			return { name: `${name}()`, items: args, taint: 0 };
		if (callee.items !== undefined && callee.items.length > 0 && /^operator\.\w+\(\)$/u.test(name))
			return this.#asked(callee, call);
		if (/(?:^|\.)reduce$/u.test(name) && args[0]?.name === "getattr" && args[2] !== undefined)
			return (args[1]?.items ?? []).reduce((made, { text = "" }) => this.attribute(made, text, call), args[2]);
		if (name === "getattr" || name.endsWith(".__getattribute__") || name === "operator.attrgetter")
			return this.#getattr(name, call);
		if (
			name === "__import__" ||
			name === "importlib.import_module" ||
			name === "importlib.__import__" ||
			name === "imp.load_module" ||
			(method === "load_module" && args[0]?.text !== undefined)
		) {
			return this.#imported(name, args, call);
		}
		if (name.endsWith(".*") && OWN.test(name.slice(0, -2))) this.#calls.dynamic(name.slice(0, -2), call);
		if (name === "vars" && args[0]?.name !== undefined) return ofName(`${args[0].name}.__dict__`);
		const isLocal = name.startsWith("<local>");
		const text = isLocal ? undefined : textFunction(name, args);
		if (text !== undefined && !name.startsWith("?")) return text;
		if (name === "map" && args[0]?.name === "chr" && args[1]?.items !== undefined) {
			return { items: args[1].items.map((item) => ofText(letterOf(item, undefined, undefined))), taint: args[1].taint };
		}
		const isStarred = this.#scope.stars.length > 0 && !isLocal && !this.#scope.has(name.split(".")[0] ?? name);
		const starred = isStarred ? this.#scope.stars.map((star) => `${star}.${name}`) : [];
		const names = name.includes(".") || starred.length === 0 ? [name, ...starred] : starred;
		const told = this.#calls.called({ ...call, names });
		const made = isLocal ? told | callee.taint : told;
		const folder = FOLDERS.get(name);
		if (folder !== undefined) return { ...ofText(folder, made), name: "pathlib.Path()" };
		if (name === "pathlib.Path" || name === "pathlib.PurePath" || name === "Path")
			return { ...pathOf(args, made), name: "pathlib.Path()" };
		if (isPathKept(name) && receiver.text !== undefined) return { ...receiver, name: "pathlib.Path()" };
		return ofName(`${name.slice(0, NAME_MAX)}()`, made);
	}

	/** `methodcaller("m", 1)(x)` is `x.m(1)`, `attrgetter("a.b")(x)` is `x.a.b`. */
	#asked({ name, items = [] }: Value, call: Omit<Call, "names">): Value {
		const [asked, ...args] = items;
		const [receiver = UNKNOWN] = call.args;
		const steps = (asked?.text ?? "").split(".");
		const value = steps.reduce((made, step) => this.attribute(made, step, call), receiver);
		const isCalled = name?.includes("methodcaller") === true;
		return isCalled ? this.called(value, steps.at(-1) ?? "", { ...call, receiver, args }) : value;
	}

	#getattr(name: string, call: Omit<Call, "names">): Value {
		const { receiver, args } = call;
		// `type.__getattribute__(x, "y")` is given both.
		const isGiven = name === "getattr" || (args.length > 1 && /^(?:type|object)$/u.test(receiver.name ?? ""));
		const owner = isGiven ? args[0] : receiver;
		const attribute = isGiven ? args[1] : args[0];
		if (owner === undefined) return UNKNOWN;
		if (attribute?.text !== undefined && isWhole(attribute.text)) {
			const value = { ...this.attribute(owner, attribute.text, call) };
			this.got = { value, receiver: owner, method: attribute.text };
			if (owner.name !== undefined) this.#veiled(value.name ?? "", call);
			return value;
		}
		if (owner.name === undefined) return UNKNOWN;
		if (!OWN.test(owner.name)) this.#calls.dynamic(owner.name, call);
		return ofName(`${owner.name}.*`, owner.taint);
	}

	/** Who asks for a function that runs something by a text would rather not be seen to name it. */
	#veiled(name: string, span: Span): void {
		const plain = name.replace(/^builtins\./u, "");
		if (
			plain === "eval" ||
			plain === "exec" ||
			plain === "__import__" ||
			plain === "subprocess" ||
			PROCESSES.has(plain)
		) {
			this.#calls.dynamic("os", span);
		}
	}

	#imported(name: string, args: readonly Value[], span: Span): Value {
		const text = args[0]?.text;
		if (text !== undefined && isWhole(text)) {
			this.#calls.imported(text, span);
			return ofName(canonical(text));
		}
		// Which plug-in is loaded, modules say so all the time.
		if (name !== "importlib.import_module") this.#calls.dynamic(name, span);
		return ofName("?");
	}
}

/** Folders as a shell would write them. */
const FOLDERS: ReadonlyMap<string, string> = new Map([
	["pathlib.Path.home", "~"],
	["Path.home", "~"],
	["pathlib.Path.cwd", "."],
	["Path.cwd", "."],
]);

const isPathKept = (name: string): boolean => /^pathlib\.Path\(\)\.(?:expanduser|resolve|absolute)$/u.test(name);
