/** The publisher's secret: the same for all who publish on one log, and never half of one. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publisherSecret } from "../../../src/app/publisher-secret.ts";
import { scratchFolder } from "../../support/cli.ts";

describe("the publisher's secret", () => {
	it("is one, however many begin at once, is its owner's alone, and leaves nothing beside it", async () => {
		const folder = scratchFolder();
		const secrets = await Promise.all(Array.from({ length: 20 }, () => publisherSecret(`file:${folder}/log.db`)));
		expect(new Set(secrets.map((each) => Buffer.from(each).toString("hex"))).size).toBe(1);
		expect(secrets[0]).toHaveLength(32);
		expect(readdirSync(folder)).toEqual(["publisher.secret"]);
		expect(statSync(join(folder, "publisher.secret")).mode & 0o777).toBe(0o600);
	});

	it("that is cut off, or cannot be kept, is an error with a code", async () => {
		const folder = scratchFolder();
		writeFileSync(join(folder, "publisher.secret"), "abc");
		await expect(publisherSecret(`file:${folder}/log.db`)).rejects.toMatchObject({ code: "ASSENT_FILE_UNREADABLE" });
		mkdirSync(join(folder, "other", "publisher.secret"), { recursive: true });
		await expect(publisherSecret(`file:${folder}/other/log.db`)).rejects.toMatchObject({
			code: "ASSENT_FILE_UNREADABLE",
		});
	});
});
