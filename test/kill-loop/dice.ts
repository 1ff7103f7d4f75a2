/** Seeded randomness for the kill loop: the same seed draws the same calls (not the same moments). */
import type { JsonObject } from "../../src/core/base/json.ts";

export class Dice {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0 || 1;
	}

	/** Uniform in [0, 1): mulberry32. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let t = this.#state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	}

	chance(of: number): boolean {
		return this.next() < of;
	}

	upTo(max: number): number {
		return Math.floor(this.next() * max);
	}

	call(): { tool: string; args: JsonObject; estimate: { tokens: number; costMicros: number } } {
		const estimate = { tokens: this.upTo(400), costMicros: this.upTo(300) };
		const draw = this.next();
		if (draw < 0.03) return { tool: "deploy", args: { target: `stage-${this.upTo(5)}` }, estimate };
		if (draw < 0.06) return { tool: "forbidden", args: {}, estimate };
		if (draw < 0.1) return { tool: "shell", args: { command: `rm -rf /srv/${this.upTo(1_000)}` }, estimate };
		if (draw < 0.15) return { tool: "shell", args: { command: "ls" }, estimate };
		if (draw < 0.2) return { tool: "shell", args: { command: `curious ${this.upTo(1_000)}` }, estimate };
		return { tool: "fs.read", args: { path: `/srv/data/${this.upTo(1_000_000)}` }, estimate };
	}

	/** Now and then nobody knows. */
	usage(): { tokens: number | null; costMicros: number | null; executionMs: number } {
		const told = (max: number): number | null => (this.next() < 0.1 ? null : this.upTo(max));
		return { tokens: told(600), costMicros: told(400), executionMs: this.upTo(200) };
	}
}
