import { MemoryTokenStore } from "../../src/adapters/memory/token-store.ts";
import { tokenStoreContract } from "./token-store-contract.ts";

tokenStoreContract("memory", ({ now, tokensMax }) => new MemoryTokenStore(now, tokensMax));
