"""A research agent with a budget of tokens: the generation that would not fit is refused before it is made."""

from scripted_model import ScriptedModel, print_decisions
from smolagents import tool

from assent import Denied
from assent.smolagents import SafeAgent


@tool
def search(question: str) -> str:
    """Searches.

    Args:
        question: What to look for.
    """
    return f"something about {question}"


model = ScriptedModel("print(search('tides'))", tokens=(3_000, 200))
agent = SafeAgent(tools=[search], model=model, agent_name="researcher", max_steps=50)
print_decisions(agent)
try:
    agent.run("Find out everything about tides.")
except Denied as denied:
    print(f"stopped: {denied}")
print(f"{model.calls} generations, {model.calls * 3_200} of 20000 tokens")
