/** A notary's figures as Prometheus reads them. The label is the name of a witness's key. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { type EpochMs, SECOND } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NotaryMeter } from "../../ports/notary-meter.ts";

export interface NotaryMetrics extends NotaryMeter {
	readonly contentType: string;
	text(): Promise<string>;
	close(): void;
}

/** `isAlone`: false where the process shows its own figures elsewhere. */
export function openNotaryMetrics(
	witnesses: readonly string[],
	clock: Clock,
	{ isAlone = true }: { readonly isAlone?: boolean } = {},
): NotaryMetrics {
	const registry = new Registry();
	const registers = [registry];
	if (isAlone) collectDefaultMetrics({ register: registry });
	const signed = new Counter({
		name: "assent_notary_checkpoints_total",
		help: "Checkpoints that were signed: of partitions, and of the anchor.",
		registers,
	});
	const leaves = new Gauge({
		name: "assent_notary_lag_leaves",
		help: "Entries that were read and are not signed yet.",
		registers,
	});
	let unsignedSince: EpochMs | null = null;
	new Gauge({
		name: "assent_notary_lag_seconds",
		help: "How long the oldest entry waits that was read and is not signed yet; 0 where none does. Above 1 it cannot keep up.",
		registers,
		collect() {
			this.set(unsignedSince === null ? 0 : Math.max(0, clock.now() - unsignedSince) / SECOND);
		},
	});
	const refusals = new Counter({
		name: "assent_notary_refusals_total",
		help: "Times that it has refused to sign, for the log or its state contradicts what was signed; it then ends with exit code 4.",
		registers,
	});
	const witnessed = new Counter({
		name: "assent_notary_witness_answers_total",
		help: "Answers of a witness: the anchor's checkpoint was `cosigned`, or it was `not`.",
		labelNames: ["witness", "result"],
		registers,
	});
	for (const witness of witnesses) for (const result of ["cosigned", "not"]) witnessed.inc({ witness, result }, 0);
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		close: () => registry.clear(),
		signed: (checkpoints) => signed.inc(checkpoints),
		unsigned(count, since) {
			leaves.set(count);
			unsignedSince = since;
		},
		refused: () => refusals.inc(),
		witnessed: (witness, isCosigned) => witnessed.inc({ witness, result: isCosigned ? "cosigned" : "not" }),
	};
}
