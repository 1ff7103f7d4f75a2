/** Keys as texts, by the example of Go's golang.org/x/mod/sumdb/note. */
import { describe, expect, it } from "vitest";
import {
	keyId,
	keyNameFault,
	publicKeyText,
	readPrivateKey,
	readPublicKey,
} from "../../../../src/core/model/signing-keys.ts";

const PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

describe("a key", () => {
	it("is read and written with its name and its id", () => {
		const key = readPublicKey(PUBLIC);
		if (!key.ok) throw new Error(key.error);
		expect([key.value.name, keyId(key.value)]).toEqual(["PeterNeumann", "c74f20a3"]);
		expect(publicKeyText(key.value)).toBe(PUBLIC);
		expect(readPrivateKey(PRIVATE)).toMatchObject({ ok: true, value: { name: "PeterNeumann", id: "c74f20a3" } });
	});

	it.each([
		["", "form"],
		[PUBLIC.slice(0, -1), "no Ed25519"],
		[PUBLIC.replace("P", "Q"), "do not belong together"],
		[PUBLIC.replace("ARpc", "ARpd"), "do not belong together"],
		[PUBLIC.replace("ARpc", "AhpC"), "no Ed25519"],
		[PRIVATE, "form"],
	])("%s is none", (text, why) => {
		expect(readPublicKey(text)).toEqual({ ok: false, error: expect.stringContaining(why) });
	});

	it.each([PUBLIC, PRIVATE.slice(0, -1), "PRIVATE+KEY+a"])("that is private is not %s, and is not told", (text) => {
		const read = readPrivateKey(text);
		expect(read.ok).toBe(false);
		expect(JSON.stringify(read)).not.toContain("AYEK");
	});

	it("has a name without what separates", () => {
		expect(
			["ops.example.com", "a/b", "", "a b", "a+b", "ä", "x".repeat(201)].map((name) => keyNameFault(name) === null),
		).toEqual([true, true, false, false, false, false, false]);
	});
});
