import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The Kafka Streams peer: a counter for each key, and the record passed on with its headers. Options are pairs
 * `--name value`; what is not given stays as Kafka Streams ships it. It runs until its standard input is closed.
 *
 * --brokers, --application, --state-dir, --in, --out   where (required)
 * --guarantee          exactly_once_v2 or at_least_once (required)
 * --commit-ms, --linger-ms, --threads                  tuning
 * --out-bytes N        each output record has N bytes of key, value and headers; by default the value is passed on
 * --ledger TOPIC       a second record for each input; the counters then need no changelog, so that it is exactly two
 * --ledger-bytes N     its bytes of key and value
 */
public final class PassThrough {
	public static void main(String[] args) throws IOException {
		Map<String, String> of = new HashMap<>();
		for (int at = 0; at + 1 < args.length; at += 2) of.put(args[at].substring(2), args[at + 1]);

		Properties settings = new Properties();
		settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, required(of, "brokers"));
		settings.put(StreamsConfig.APPLICATION_ID_CONFIG, required(of, "application"));
		settings.put(StreamsConfig.STATE_DIR_CONFIG, required(of, "state-dir"));
		settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, required(of, "guarantee"));
		settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
		if (of.containsKey("commit-ms")) settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, of.get("commit-ms"));
		if (of.containsKey("linger-ms")) settings.put(StreamsConfig.producerPrefix("linger.ms"), of.get("linger-ms"));
		if (of.containsKey("threads")) settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, of.get("threads"));

		KafkaStreams streams = new KafkaStreams(topology(of), settings);
		streams.setUncaughtExceptionHandler(thrown -> {
			thrown.printStackTrace();
			Runtime.getRuntime().halt(1);
			return null;
		});
		streams.start();
		while (System.in.read() >= 0) {}
		streams.close(Duration.ofSeconds(10));
		System.exit(0);
	}

	private static Topology topology(Map<String, String> of) {
		boolean hasLedger = of.containsKey("ledger");
		int outBytes = Integer.parseInt(of.getOrDefault("out-bytes", "0"));
		int ledgerBytes = Integer.parseInt(of.getOrDefault("ledger-bytes", "0"));
		var strings = Serdes.String();
		var bytes = Serdes.ByteArray();
		// In memory and not cached: the fastest store that Kafka Streams has, as the processor's state is in memory too.
		StoreBuilder<KeyValueStore<String, Long>> counts =
			Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("counts"), strings, Serdes.Long());
		Topology topology = new Topology()
			.addSource("in", strings.deserializer(), bytes.deserializer(), required(of, "in"))
			.addProcessor("count", () -> new Counter(outBytes, hasLedger, ledgerBytes), "in")
			.addStateStore(hasLedger ? counts.withLoggingDisabled() : counts, "count")
			.addSink("out", required(of, "out"), strings.serializer(), bytes.serializer(), "count");
		if (hasLedger) topology.addSink("ledger", of.get("ledger"), strings.serializer(), bytes.serializer(), "count");
		return topology;
	}

	private static String required(Map<String, String> of, String name) {
		String value = of.get(name);
		if (value == null) throw new IllegalArgumentException("--" + name + " is missing");
		return value;
	}

	private static final class Counter implements Processor<String, byte[], String, byte[]> {
		private final int outBytes;
		private final boolean hasLedger;
		private final int ledgerBytes;
		private ProcessorContext<String, byte[]> context;
		private KeyValueStore<String, Long> counts;

		Counter(int outBytes, boolean hasLedger, int ledgerBytes) {
			this.outBytes = outBytes;
			this.hasLedger = hasLedger;
			this.ledgerBytes = ledgerBytes;
		}

		@Override
		public void init(ProcessorContext<String, byte[]> context) {
			this.context = context;
			this.counts = context.getStateStore("counts");
		}

		@Override
		public void process(Record<String, byte[]> record) {
			Long known = counts.get(record.key());
			counts.put(record.key(), known == null ? 1L : known + 1);
			// Keys and header names are ASCII: a character is a byte.
			int keyBytes = record.key().length();
			if (hasLedger) {
				byte[] entry = new byte[Math.max(0, ledgerBytes - keyBytes)];
				context.forward(record.withValue(entry).withHeaders(new RecordHeaders()), "ledger");
			}
			byte[] out = outBytes == 0 ? record.value() : new byte[Math.max(0, outBytes - keyBytes - bytesOf(record.headers()))];
			context.forward(record.withValue(out), "out");
		}

		private static int bytesOf(Headers headers) {
			int bytes = 0;
			for (Header header : headers) bytes += header.key().length() + header.value().length;
			return bytes;
		}
	}
}
