"""An alerting service: it hears of violations from the gateway, whichever program they happen in, and goes on where it stopped."""

from collections import deque
from pathlib import Path

from assent import Client

# How far it has come. Without it, it hears what happens from now on.
PLACE = Path(".assent/alerts.place")


def alert(violation) -> None:
    """Put here what wakes somebody up. Agents choose names, so they are shown escaped; arguments are in no event."""
    print(
        f"ALERT  {violation['severity']}  {violation['policy']}/{violation['rule']}  {violation['tool']!a} of {violation['agent']!a}  "
        f"call {violation['intent']!a}  ledger {violation['partition']}/{violation['seq']}",
        flush=True,
    )


client = Client()
told = deque(maxlen=1_000)
print("listening", flush=True)
# Without an end: a gateway that is away is waited for, and the stream goes on behind the last event.
for event in client.events(["policy_violation"], PLACE.read_text() if PLACE.exists() else None):
    if event.data["id"] not in told:
        alert(event.data)
        told.append(event.data["id"])
    # After the alert: one that was not given is heard of once more.
    PLACE.write_text(event.id)
