"""A person approves from a terminal: the run is parked meanwhile, for as long as the policy gives them."""

from scripted_model import ScriptedModel, print_decisions
from smolagents import tool

from assent.smolagents import SafeAgent

sent = []


@tool
def send_mail(to: str, text: str) -> str:
    """Sends a mail.

    Args:
        to: The address.
        text: What it says.
    """
    sent.append(to)
    return f"sent to {to}"


agent = SafeAgent(
    tools=[send_mail],
    model=ScriptedModel("print(send_mail('bo@example.com', 'Lunch?'))", "final_answer('done')"),
)
print_decisions(agent)


def ask(event) -> None:
    if event["verdict"] == "hold":
        print(f"in another terminal: npx assent approvals grant {event['id']} --by you@example.com", flush=True)


agent.on("policy_check", ask)
print(agent.run("Ask Bo out for lunch."))
print(f"sent: {sent}")
