"""A manager with managed agents: each of their calls is decided, under the ids of the call that asked for it."""

from scripted_model import ScriptedModel, print_decisions
from smolagents import CodeAgent, tool

from assent.smolagents import govern

deleted = []


@tool
def delete_records(table: str) -> str:
    """Deletes all records of a table.

    Args:
        table: The table.
    """
    deleted.append(table)
    return f"{table} is empty"


cleaner = CodeAgent(
    tools=[delete_records],
    model=ScriptedModel(
        "print(delete_records('drafts'))",
        "print(delete_records('cus' + 'tomers'))",
        "final_answer('cleaned what may be cleaned')",
    ),
    name="cleaner",
    description="Cleans up tables.",
)
manager = govern(
    CodeAgent(
        tools=[],
        model=ScriptedModel("print(cleaner('Clean up.'))", "final_answer('done')"),
        managed_agents=[cleaner],
    )
)
print_decisions(manager)
print(manager.run("Have everything cleaned up."))
print(f"deleted: {deleted}")
