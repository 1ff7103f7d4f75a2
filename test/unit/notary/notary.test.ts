/** What a notary signs and publishes, and when it refuses. Its faults in all their combinations are in test/simulation. */
import { describe, expect, it } from "vitest";
import { keyFrom, signerOf, verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { knownSignatures, readNote } from "../../../src/core/audit/note.ts";
import { consistencyFault } from "../../../src/core/merkle/proof.ts";
import { SECOND } from "../../../src/core/model/units.ts";
import type { Notary } from "../../../src/notary/notary.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import type { Witness } from "../../../src/ports/witness.ts";
import { cosignatureVerifier, signatureVerifier } from "../../../src/reading/note-verifiers.ts";
import {
	CutLog,
	Disk,
	type Head,
	headIn,
	NAME,
	notarySigner,
	publishedLeaves,
	rootsOf,
	signedHeads,
	startNotary,
} from "../../support/notary-world.ts";
import { cosignatureLine } from "../../support/witness.ts";

const leaves = (count: number, word = "leaf"): Uint8Array[] =>
	Array.from({ length: count }, (_, index) => new TextEncoder().encode(`${word} ${index}`));

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const fileIn = (disk: Disk, path: string): string => Buffer.from(disk.files.get(path) ?? []).toString();

async function work(notary: Notary): Promise<void> {
	await notary.read();
	await notary.sign();
}

const verifiers = [signatureVerifier(verifierOf(notarySigner.key))];

function isSigned(text: string): boolean {
	const note = readNote(text);
	return note !== null && knownSignatures(note, verifiers).ok;
}

describe("a notary", () => {
	it("signs the tree of each partition's valid entries, and the anchor over what it signed", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		const notary = await startNotary(log, disk, { partitions: 3 });
		log.appendEntries(0, leaves(300));
		log.appendEntries(0, leaves(5, "void"), true);
		log.appendEntries(2, leaves(2));
		await work(notary);
		expect(headIn(fileIn(disk, "p/0/checkpoint"))).toEqual({
			origin: `${NAME}/decisions/0`,
			size: 300,
			root: rootsOf(leaves(300)).at(-1),
		});
		expect(disk.files.has("p/1/checkpoint")).toBe(false);
		expect(publishedLeaves(disk, "p/0", 300).map(textOf)).toEqual(leaves(300).map(textOf));
		const notes = ["p/0/checkpoint", "p/2/checkpoint"].map((path) => fileIn(disk, path));
		expect(publishedLeaves(disk, "anchor", 2).map(textOf)).toEqual(notes);
		expect(headIn(fileIn(disk, "anchor/checkpoint"))).toMatchObject({ origin: `${NAME}/anchor`, size: 2 });
		expect([...notes, fileIn(disk, "anchor/checkpoint")].every(isSigned)).toBe(true);
		expect(signedHeads(log, disk)).toHaveLength(6);
		expect(log.of({ topic: "checkpoints", partition: 2 })[0]).toMatchObject({ key: `${NAME}/decisions/2` });
		expect(fileIn(disk, "log.vkey")).toMatch(/^log\.example\.com\+[0-9a-f]{8}\+.+\n$/);
	});

	it("tells of the anchor beside a ledger that has begun, so that no other one seems to have been lost", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		log.appendEntries(1, leaves(3));
		await work(await startNotary(log, disk, { partitions: 3 }));
		await startNotary(log, disk, { partitions: 3 });
		expect(log.of({ topic: "checkpoints", partition: 0 })).toEqual([]);
		expect(log.of({ topic: "checkpoints", partition: 1 }).map(({ key }) => key)).toEqual([
			`${NAME}/decisions/1`,
			`${NAME}/anchor`,
		]);
	});

	it("signs nothing where there is nothing new, and goes on after a restart", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		log.appendEntries(0, leaves(10));
		await work(await startNotary(log, disk, { partitions: 1 }));
		const again = await startNotary(log, disk, { partitions: 1 });
		await work(again);
		expect(disk.versions.size).toBe(1);
		expect(signedHeads(log, disk).filter(({ origin }) => origin.endsWith("anchor"))).toHaveLength(3);
		log.appendEntries(0, leaves(300, "more"));
		await work(again);
		expect(headIn(fileIn(disk, "p/0/checkpoint")).size).toBe(310);
		expect(disk.files.has("p/0/tile/entries/000.p/10")).toBe(false);
		expect(disk.files.has("p/0/tile/entries/000")).toBe(true);
	});

	it("puts right what a folder lacks of what was signed", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		log.appendEntries(0, leaves(300));
		await work(await startNotary(log, disk, { partitions: 1 }));
		const before = new Map(disk.files);
		for (const path of [...disk.files.keys()]) if (path.startsWith("p/")) disk.files.delete(path);
		disk.files.set("p/0/tile/0/000", new Uint8Array(8_192));
		await startNotary(log, disk, { partitions: 1 });
		expect(new Map([...disk.files].sort())).toEqual(new Map([...before].sort()));
	});

	it("refuses a log that has lost its end, has other entries, or has lost its end and got another", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		log.appendEntries(0, leaves(10));
		const notary = await startNotary(log, disk, { partitions: 1 });
		await work(notary);
		log.cut(0, 5);
		await expect(notary.read()).rejects.toMatchObject({ code: "ASSENT_NOTARY_HISTORY" });
		await expect(startNotary(log, disk, { partitions: 1 })).rejects.toMatchObject({
			code: "ASSENT_NOTARY_HISTORY",
			message: /has 4 entries, and 10 were signed/,
		});
		log.appendEntries(0, leaves(300, "other"));
		const before = new Map(disk.files);
		await expect(notary.read()).rejects.toMatchObject({ code: "ASSENT_NOTARY_HISTORY", message: /another record/ });
		await expect(startNotary(log, disk, { partitions: 1 })).rejects.toMatchObject({
			code: "ASSENT_NOTARY_HISTORY",
			message: /first 10 entries .* are not those that were signed/,
		});
		expect(disk.files).toEqual(before);
	});

	it("refuses a state that is older than what it signed, is gone, is damaged, or of another key", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		log.appendEntries(0, leaves(10));
		await work(await startNotary(log, disk, { partitions: 1 }));
		const older = disk.copy();
		log.appendEntries(0, leaves(10, "more"));
		await work(await startNotary(log, disk, { partitions: 1 }));
		const refused = async (versions: Map<number, string>, why: RegExp) => {
			disk.versions = versions;
			const started = startNotary(log, disk, { partitions: 1 });
			await expect(started).rejects.toMatchObject({ code: "ASSENT_NOTARY_STATE", message: why });
		};
		await refused(older.versions, /with 20 leaves.*the state has 10/);
		await refused(new Map(), /the state has none/);
		await refused(new Map([[3, "{"]]), /is none of the key/);
		const text = [...older.versions.values()][0] as string;
		await refused(new Map([[3, text.replaceAll("log.example", "other.example")]]), /is none of the key/);
	});

	it("refuses a folder whose anchor has not the leaves that were signed", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		for (const word of ["one", "two", "three"]) {
			log.appendEntries(0, leaves(2, word));
			await work(await startNotary(log, disk, { partitions: 1 }));
		}
		const path = "anchor/tile/entries/000.p/2";
		const bundle = disk.files.get(path) as Uint8Array;
		disk.files.set(path, bundle.with(10, (bundle[10] as number) ^ 1));
		await expect(startNotary(log, disk, { partitions: 1 })).rejects.toMatchObject({
			code: "ASSENT_NOTARY_STATE",
			message: /are not those that were signed/,
		});
		disk.files.delete(path);
		await expect(startNotary(log, disk, { partitions: 1 })).rejects.toMatchObject({ message: /lacks leaves 0 to 1/ });
	});

	it("ends where another one has signed on its state", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		const [one, two] = [
			await startNotary(log, disk, { partitions: 1 }),
			await startNotary(log, disk, { partitions: 1 }),
		];
		log.appendEntries(0, leaves(3));
		await work(one);
		await expect(work(two)).rejects.toMatchObject({ code: "ASSENT_NOTARY_TAKEN" });
		expect(disk.versions.size).toBe(1);
	});
});

describe("a witness", () => {
	const signer = signerOf(keyFrom("witness.example.com/w1", new Uint8Array(32).fill(9))) as Signer;

	/** Does what C2SP tlog-witness says, and keeps what it was asked. */
	class OtherSide {
		head: Head | null = null;
		isSilent = false;
		readonly statuses: number[] = [];

		get witness(): Witness {
			return {
				verifier: verifierOf(signer.key),
				addCheckpoint: async (body) => {
					if (this.isSilent) return { kind: "silence", why: "no answer" };
					const answer = this.#answerTo(body);
					this.statuses.push(answer.status);
					return { kind: "answer", ...answer };
				},
			};
		}

		#answerTo(body: string): { status: number; body: string } {
			const cut = body.indexOf("\n\n");
			const [old = "", ...lines] = body.slice(0, cut).split("\n");
			const text = body.slice(cut + 2);
			if (!isSigned(text)) return { status: 403, body: "" };
			const next = headIn(text);
			const seen = this.head ?? { ...next, size: 0, root: rootsOf([])[0] as string };
			if (Number(old.slice(4)) !== seen.size) return { status: 409, body: `${seen.size}\n` };
			const proof = lines.map((line) => Buffer.from(line, "base64").toString("hex"));
			if (consistencyFault(seen, next, proof) !== null) return { status: 422, body: "" };
			this.head = next;
			return { status: 200, body: cosignatureLine(signer, readNote(text)?.text ?? "") };
		}
	}

	/** What the folder has of the anchor: null, or its head and who signed it. */
	const anchorIn = (disk: Disk): { size: number; signed: string[] } | null => {
		const text = fileIn(disk, "anchor/checkpoint");
		const note = readNote(text);
		if (note === null) return null;
		const known = knownSignatures(note, [...verifiers, cosignatureVerifier(verifierOf(signer.key))]);
		return { size: headIn(text).size, signed: known.ok ? known.value.map(({ name }) => name) : [] };
	};

	it("cosigns the anchor, which is published with that, and tells what it has seen where it was asked before", async () => {
		const [log, disk, other] = [new CutLog(), new Disk(), new OtherSide()];
		const start = () => startNotary(log, disk, { partitions: 1, witnesses: [other.witness] });
		let notary = await start();
		log.appendEntries(0, leaves(3));
		await work(notary);
		await notary.read();
		expect(anchorIn(disk)).toEqual({ size: 1, signed: [NAME, signer.key.name] });
		log.appendEntries(0, leaves(3, "more"));
		await work(notary);
		await notary.read();
		expect(anchorIn(disk)?.size).toBe(2);
		expect(other.statuses).toEqual([200, 200]);

		notary = await start();
		log.appendEntries(0, leaves(3, "still more"));
		await work(notary);
		for (let turn = 0; turn < 3; turn++) await notary.read();
		expect(anchorIn(disk)).toEqual({ size: 3, signed: [NAME, signer.key.name] });
		expect(other.statuses.slice(2)).toEqual([409, 200, 200]);
		const onLog = log.of({ topic: "checkpoints", partition: 0 }).filter(({ key }) => key === `${NAME}/anchor`);
		expect(onLog.length).toBeGreaterThan(3);
	});

	it("holds up nothing but the anchor's checkpoint while it is silent", async () => {
		const [log, disk, other] = [new CutLog(), new Disk(), new OtherSide()];
		const notary = await startNotary(log, disk, { partitions: 1, witnesses: [other.witness] });
		other.isSilent = true;
		log.appendEntries(0, leaves(3));
		await work(notary);
		await notary.read();
		expect(headIn(fileIn(disk, "p/0/checkpoint")).size).toBe(3);
		expect(anchorIn(disk)).toBeNull();
		other.isSilent = false;
		log.appendEntries(0, leaves(1, "more"));
		await work(notary);
		await notary.read();
		expect(anchorIn(disk)?.size).toBe(2);
	});

	it("stops a notary whose state, folder and log were put back together: it has seen more, or something else", async () => {
		const [log, disk, other] = [new CutLog(), new Disk(), new OtherSide()];
		const start = () => startNotary(log, disk, { partitions: 1, witnesses: [other.witness] });
		const notary = await start();
		log.appendEntries(0, leaves(3));
		await work(notary);
		await notary.read();
		const before = { ...disk.copy(), told: log.of({ topic: "checkpoints", partition: 0 }).length };
		log.appendEntries(0, leaves(3, "more"));
		await work(notary);
		await notary.read();

		const putBack = (): void => {
			disk.files = new Map(before.files);
			disk.versions = new Map(before.versions);
			log.of({ topic: "checkpoints", partition: 0 }).splice(before.told);
			log.cut(0, 4);
		};
		putBack();
		const alone = await startNotary(log, disk, { partitions: 1 });
		log.appendEntries(0, leaves(3, "another"));
		await work(alone);
		expect(
			new Set(
				signedHeads(log, disk)
					.filter(({ size }) => size === 6)
					.map(({ root }) => root),
			).size,
		).toBe(2);

		putBack();
		const watched = await start();
		await expect(watched.read()).rejects.toMatchObject({
			code: "ASSENT_NOTARY_STATE",
			message: /has cosigned the anchor with 2/,
		});

		putBack();
		log.appendEntries(0, leaves(3, "another"));
		await work(await startNotary(log, disk, { partitions: 1 }));
		const forked = await start();
		const turns = async (): Promise<void> => {
			for (let turn = 0; turn < 3; turn++) await forked.read();
		};
		await expect(turns()).rejects.toMatchObject({ code: "ASSENT_NOTARY_HISTORY" });
	});
});

describe("a notary's cadence", () => {
	it("is a second after the first entry that is not signed, and at once with the thousandth", async () => {
		const [log, disk] = [new CutLog(), new Disk()];
		let now = 0;
		const stop = new AbortController();
		const waits: number[] = [];
		const notary = await startNotary(log, disk, {
			partitions: 1,
			now: () => now,
			onWait: (timeoutMs) => {
				waits.push(timeoutMs);
				if (waits.length === 1) log.appendEntries(0, leaves(3));
				if (waits.length === 3) now += SECOND;
				if (waits.length === 5) log.appendEntries(0, leaves(1_000, "many"));
				if (waits.length === 7) stop.abort();
			},
		});
		await notary.run(stop.signal);
		expect(disk.versions.size).toBe(2);
		expect(waits.slice(0, 3)).toEqual([30 * SECOND, SECOND, SECOND]);
		expect(headIn(fileIn(disk, "p/0/checkpoint")).size).toBe(1_003);
	});
});
