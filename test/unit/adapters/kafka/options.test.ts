import { describe, expect, it } from "vitest";
import { kafkaUrl, parseKafkaUrl } from "../../../../src/adapters/kafka/options.ts";

describe("the URL of a log on Kafka", () => {
	it.each([
		["kafka://localhost:9092", ["localhost:9092"], "assent."],
		["kafka://localhost:9092/", ["localhost:9092"], "assent."],
		["kafka://a.example:9092,10.0.0.2:9093", ["a.example:9092", "10.0.0.2:9093"], "assent."],
		["kafka://[::1]:9092/desk", ["[::1]:9092"], "desk."],
		["kafka://a:1/team-a.prod", ["a:1"], "team-a.prod."],
		["kafka://a:65535/team.", ["a:65535"], "team."],
	])("reads %s", (url, brokers, prefix) => {
		expect(parseKafkaUrl(url)).toEqual({ brokers, prefix });
	});

	it.each([
		["kafka:", "`kafka:`"],
		["kafka://", "`kafka://`"],
		["kafka:localhost:9092", "`kafka:localhost:9092`"],
		["kafka://localhost", "`localhost` in"],
		["kafka://a:9092,b", "`b` in"],
		["kafka://a:0", "`a:0` in"],
		["kafka://a:65536", "`a:65536` in"],
		["kafka://a:9092/two/parts", "`kafka://a:9092/two/parts`"],
		["kafka://a:9092/white space", "`kafka://a:9092/white space`"],
		[`kafka://a:9092/${"x".repeat(101)}`, "is not the URL"],
		["kafka://user:secret@a:9092", "`user:secret@a:9092` in"],
	])("refuses %s", (url, said) => {
		expect(() => parseKafkaUrl(url)).toThrow(
			expect.objectContaining({ code: "ASSENT_USAGE", message: expect.stringContaining(said) }),
		);
	});

	it("comes out again as it was written, without a prefix that goes without saying", () => {
		for (const url of ["kafka://a:9092", "kafka://a:9092,b:9093/desk"]) expect(kafkaUrl(parseKafkaUrl(url))).toBe(url);
		expect(kafkaUrl(parseKafkaUrl("kafka://a:9092/assent"))).toBe("kafka://a:9092");
	});
});
