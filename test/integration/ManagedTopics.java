import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

/** Takes the settings that managed Kafkas let a user set, and no others; topics whose names begin with `closed.` not at all. */
public class ManagedTopics implements CreateTopicPolicy {
	private static final Set<String> SETTABLE =
			Set.of("cleanup.policy", "retention.ms", "message.timestamp.type", "max.message.bytes");

	@Override
	public void configure(Map<String, ?> settings) {}

	@Override
	public void validate(RequestMetadata asked) {
		// The broker's own, for its groups.
		if (asked.topic().startsWith("__")) return;
		if (asked.topic().startsWith("closed.")) throw new PolicyViolationException("topics are made in the console");
		for (String name : asked.configs().keySet())
			if (!SETTABLE.contains(name)) throw new PolicyViolationException("Altering " + name + " is not permitted");
	}

	@Override
	public void close() {}
}
