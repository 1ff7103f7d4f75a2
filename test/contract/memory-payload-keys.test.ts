import { MemoryPayloadKeys } from "../../src/adapters/memory/payload-keys.ts";
import { payloadKeysContract } from "./payload-keys-contract.ts";

payloadKeysContract("memory", () => new MemoryPayloadKeys());
