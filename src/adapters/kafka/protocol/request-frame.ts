/**
 * A request as it goes over the wire: its length, which request it is, and a body that is written behind, so that no
 * encoder of kafkajs copies it. The bytes are used again for the next request.
 */
import { Writer } from "./writer.ts";

export interface RequestHead {
	readonly apiKey: number;
	readonly apiVersion: number;
	readonly clientId: string;
}

const CORRELATION_AT = 8;
const BYTES = 1024;
/** A frame that grew beyond this gives its bytes back. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

export class RequestFrame {
	readonly #to = new Writer(BYTES);
	/** Handed to a socket, and not answered. */
	#isAway = false;

	/** Begins a request; its body is to be written to what is returned. */
	begin({ apiKey, apiVersion, clientId }: RequestHead): Writer {
		const to = this.#to;
		// Without an answer nobody knows whether the socket still reads the bytes.
		if (this.#isAway || to.capacity > KEPT_BYTES_MAX) to.renew(BYTES);
		this.#isAway = false;
		to.position = 0;
		to.int32(0);
		to.int16(apiKey);
		to.int16(apiVersion);
		to.int32(0);
		to.string(clientId);
		return to;
	}

	/** The whole request, for a socket: the bytes stay as they are until `cameBack`, or are let go. */
	bytes(correlationId: number): Buffer {
		const to = this.#to;
		to.patchInt32(0, to.position - 4);
		to.patchInt32(CORRELATION_AT, correlationId);
		this.#isAway = true;
		return to.bytes();
	}

	/** It was answered: the socket has read all of it. */
	cameBack(): void {
		this.#isAway = false;
	}
}
