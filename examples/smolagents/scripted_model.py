"""A model that says what was written for it, so that the examples need no network. Put any model of smolagents in its place."""

from smolagents.models import ChatMessage, MessageRole, Model
from smolagents.monitoring import TokenUsage


class ScriptedModel(Model):
    """Says the code of each turn in turn, and the last one again and again."""

    def __init__(self, *turns: str, tokens: tuple[int, int] = (900, 100)) -> None:
        super().__init__(model_id="scripted")
        self.turns = turns
        self.tokens = tokens
        self.calls = 0

    def generate(self, messages, **options):
        turn = self.turns[min(self.calls, len(self.turns) - 1)]
        self.calls += 1
        return ChatMessage(
            role=MessageRole.ASSISTANT,
            content=f"Thought: the next step.\n<code>\n{turn}\n</code>",
            token_usage=TokenUsage(*self.tokens),
        )


def print_decisions(agent) -> None:
    """Prints what is decided of each call of the agent and those that it manages."""

    def show(event) -> None:
        who = "/".join(event["actor"]) or "-"
        print(f"{event['verdict']:5}  {who:10}  {event['tool']:18}  {event['id']}")

    agent.on("policy_check", show)
