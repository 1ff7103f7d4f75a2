import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes as Kafka's own producer does: brokers, a topic, and a file with a line for each batch: how (a codec, or `commit`,
 * `abort` and `open` for a transaction), the partition, and the values in base 64. What is left open stays so: the process
 * ends without closing anything.
 */
class Producers {
	public static void main(String[] args) throws Exception {
		int drawn = 0;
		for (String line : Files.readAllLines(Path.of(args[2]))) {
			String[] words = line.split(" ");
			boolean isTransaction = List.of("commit", "abort", "open").contains(words[0]);
			Map<String, Object> settings = new HashMap<>();
			settings.put("bootstrap.servers", args[0]);
			settings.put("key.serializer", ByteArraySerializer.class);
			settings.put("value.serializer", ByteArraySerializer.class);
			settings.put("linger.ms", 100);
			settings.put("batch.size", 1_000_000);
			settings.put("compression.type", isTransaction ? "lz4" : words[0]);
			if (isTransaction) {
				settings.put("transactional.id", args[1] + ".writer-" + drawn++);
				settings.put("transaction.timeout.ms", 3_000);
			}
			KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings);
			if (isTransaction) {
				producer.initTransactions();
				producer.beginTransaction();
			}
			List<Future<?>> sent = new ArrayList<>();
			for (int at = 2; at < words.length; at++) {
				byte[] value = Base64.getDecoder().decode(words[at]);
				sent.add(producer.send(new ProducerRecord<>(args[1], Integer.valueOf(words[1]), null, value)));
			}
			producer.flush();
			for (Future<?> each : sent) each.get();
			if (words[0].equals("commit")) producer.commitTransaction();
			if (words[0].equals("abort")) producer.abortTransaction();
		}
		Runtime.getRuntime().halt(0);
	}
}
