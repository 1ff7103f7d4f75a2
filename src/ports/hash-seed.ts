/** Two words of chance, drawn once for each process: no sender of records can foresee where a table keeps a key. */
import { randomBytes } from "node:crypto";

const words = randomBytes(8);

export const HASH_SEED: readonly [number, number] = [words.readUInt32LE(0), words.readUInt32LE(4)];
