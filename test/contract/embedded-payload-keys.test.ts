import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { SqlitePayloadKeys } from "../../src/adapters/embedded/payload-keys.ts";
import { payloadKeysContract } from "./payload-keys-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "assent-payload-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

payloadKeysContract("embedded", () => new SqlitePayloadKeys(join(folder, `${files++}.db`)));
