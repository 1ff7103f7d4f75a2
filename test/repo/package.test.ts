import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonOf, ROOT, textOf } from "../support/repository.ts";

interface Manifest {
	readonly license: string;
	readonly bin: Readonly<Record<string, string>>;
	readonly files: readonly string[];
	readonly scripts: Readonly<Record<string, string>>;
	readonly dependencies: Readonly<Record<string, string>>;
	readonly devDependencies: Readonly<Record<string, string>>;
	readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
	readonly version?: string;
	readonly resolved?: string;
	readonly integrity?: string;
	readonly link?: boolean;
	readonly hasInstallScript?: boolean;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifest = jsonOf("package.json") as Manifest;
const locked = (jsonOf("package-lock.json") as { packages: Record<string, Locked> }).packages;

describe("package.json", () => {
	it("depends at run time on nothing but what was agreed", () => {
		const agreed = [
			"@lezer/python",
			"avsc",
			"commander",
			"fastify",
			"jose",
			"kafkajs",
			"pino",
			"prom-client",
			"unbash",
			"yaml",
			"zod",
		];
		expect(Object.keys(manifest.dependencies).sort()).toEqual(agreed);
	});

	it("names exact versions", () => {
		for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
			expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
		}
	});

	it("lets only `node` run a script when it is installed, and only for development", () => {
		const withScript = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true);
		expect(withScript.map(([path]) => path)).toEqual(["node_modules/node"]);
		expect(Object.keys(manifest.devDependencies)).toContain("node");
		expect(manifest.allowScripts).toEqual({ node: true });
	});

	it("names the Node that is installed for development in .node-version, too", () => {
		expect(textOf(".node-version").trim()).toBe(manifest.devDependencies["node"]);
	});

	it("ships the licence it names", () => {
		expect(manifest.license).toBe("Apache-2.0");
		expect(textOf("LICENSE")).toMatch(/Apache License\s+Version 2\.0, January 2004/);
		expect(manifest.files).toContain("LICENSE");
	});

	it("calls only scripts whose files exist", () => {
		for (const [name, command] of Object.entries(manifest.scripts)) {
			for (const [, file = ""] of command.matchAll(/\bnode ((?:src|test|bench|tools)\/\S+\.ts)/g)) {
				expect(existsSync(join(ROOT, file)), `npm run ${name}: ${file}`).toBe(true);
			}
		}
		expect(manifest.bin).toEqual({ assent: "dist/cli/main.js" });
	});
});

describe("package-lock.json", () => {
	it("agrees with package.json", () => {
		expect(locked[""]?.dependencies).toEqual(manifest.dependencies);
		expect(locked[""]?.devDependencies).toEqual(manifest.devDependencies);
	});

	it("holds a digest and no address for every package", () => {
		for (const [path, one] of Object.entries(locked)) {
			if (path === "") continue;
			expect(one.resolved, path).toBeUndefined();
			expect(one.integrity, path).toMatch(/^sha512-/);
		}
	});
});
