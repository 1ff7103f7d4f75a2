import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { SqliteTokenStore } from "../../src/adapters/embedded/token-store.ts";
import { tokenStoreContract } from "./token-store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "assent-tokens-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const nextFile = (): string => join(folder, `${files++}.db`);

tokenStoreContract(
	"embedded",
	({ now, tokensMax }) => new SqliteTokenStore(nextFile(), now, tokensMax === undefined ? {} : { tokensMax }),
);
tokenStoreContract(
	"embedded, where the system does not tell of its start",
	({ now, tokensMax }) =>
		new SqliteTokenStore(nextFile(), now, { boot: "", ...(tokensMax === undefined ? {} : { tokensMax }) }),
);
