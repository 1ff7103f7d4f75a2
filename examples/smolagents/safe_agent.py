"""The code of https://github.com/huggingface/smolagents/issues/1989, with the import adapted and a tool and a model put in."""

from scripted_model import ScriptedModel, print_decisions
from smolagents import tool

from assent.smolagents import GovernancePolicy, SafeAgent

deleted = []


@tool
def delete_file(path: str) -> str:
    """Deletes a file.

    Args:
        path: The file.
    """
    deleted.append(path)
    return f"deleted {path}"


my_tool = delete_file
model = ScriptedModel(
    "folder = '/etc' + '/'\ndelete_file(folder + 'passwd')",
    "print(delete_file('/tmp/notes'))",
    "import os\nos.system('rm  -rf /')",
    "final_answer('done')",
)


def log_alert(event) -> None:
    print(f"ALERT  {event['tool']} of {event['runId']}: {event['reasons'][0]['rule']} (ledger {event['partition']}/{event['seq']})")


policy = GovernancePolicy.load("policy.yaml")
agent = SafeAgent(
    tools=[my_tool],
    model=model,
    policy=policy,
)
agent.on("policy_violation", lambda e: log_alert(e))
print_decisions(agent)
result = agent.run("Do the task")
# All tool calls are policy-checked; dangerous patterns blocked
print(f"result: {result}; deleted: {deleted}")
