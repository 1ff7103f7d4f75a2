import { describe, expect, it } from "vitest";
import { parseSecret, webhookHeaders } from "../../../../../src/adapters/http/webhooks/signature.ts";

describe("signatures of webhooks", () => {
	it("are those of Standard Webhooks", () => {
		// The example that its libraries are tested with.
		const secret = parseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
		const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", atSeconds: 1_614_265_330, body: '{"test": 2432232314}' };
		expect(webhookHeaders(secret, message)).toEqual({
			"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
			"webhook-timestamp": "1614265330",
			"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		});
		expect(webhookHeaders(null, message)).not.toHaveProperty("webhook-signature");
	});

	it.each([
		"",
		"whsec_",
		"whsec_short",
		"not base64!",
		`whsec_${"A".repeat(200)}`,
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
	])("%j is no secret", (text) => expect(parseSecret(text)).toBeNull());
});
