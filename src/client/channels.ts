/**
 * What a client tells on `node:diagnostics_channel`, for tools that watch a program without its help: every event on a channel
 * of its own, `assent:policy_check` and so on, with what listeners are handed; and what goes to telemetry on `assent:telemetry`.
 * Nothing is paid for while nobody subscribes, and a subscriber that throws harms no call.
 */
import { channel } from "node:diagnostics_channel";
import type { Facts, Telemetry } from "../ports/telemetry.ts";
import type { ClientEventName, ClientEvents } from "./events.ts";

/** A message on `assent:telemetry`; events and their facts are those of `ports/events.ts`. */
export interface TelemetryMessage {
	readonly level: keyof Telemetry;
	readonly event: string;
	readonly facts: Facts;
}

const EVENTS = {
	policy_check: channel("assent:policy_check"),
	tool_call_blocked: channel("assent:tool_call_blocked"),
	call_held: channel("assent:call_held"),
	usage_unreported: channel("assent:usage_unreported"),
	policy_violation: channel("assent:policy_violation"),
	checkpoint_created: channel("assent:checkpoint_created"),
	drift_detected: channel("assent:drift_detected"),
} as const satisfies Record<ClientEventName, unknown>;

const TELEMETRY = channel("assent:telemetry");

export const publishEvent = <Name extends ClientEventName>(name: Name, event: ClientEvents[Name]): void =>
	EVENTS[name].publish(event);

/** Tells the channel first, then `telemetry`. */
export const onChannel = (telemetry: Telemetry): Telemetry => ({
	info(event, facts) {
		publishTelemetry({ level: "info", event, facts });
		telemetry.info(event, facts);
	},
	warn(event, facts) {
		publishTelemetry({ level: "warn", event, facts });
		telemetry.warn(event, facts);
	},
	error(event, facts) {
		publishTelemetry({ level: "error", event, facts });
		telemetry.error(event, facts);
	},
});

const publishTelemetry = (message: TelemetryMessage): void => TELEMETRY.publish(message);
