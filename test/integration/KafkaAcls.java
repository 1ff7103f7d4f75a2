import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.tools.AclCommand;

/**
 * Runs Kafka's own `kafka-acls` for many command lines in one Java: a file with one argument a line and an empty line after
 * each command, then arguments that every command gets. The command itself ends the process when it fails.
 */
class KafkaAcls {
	public static void main(String[] args) throws Exception {
		List<String> words = new ArrayList<>();
		for (String line : Files.readAllLines(Path.of(args[0]))) {
			if (!line.isEmpty()) {
				words.add(line);
				continue;
			}
			words.addAll(List.of(args).subList(1, args.length));
			AclCommand.main(words.toArray(new String[0]));
			words.clear();
		}
	}
}
