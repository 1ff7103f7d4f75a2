"""What the wrapper cannot stop, as docs/smolagents.md says: each of these passes, and what the ledger shows of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from assent.smolagents import SafeAgent
from fixtures import dev, serving, turn_of  # noqa: F401  fixtures
from real_dev import Dev, DevClient
from scripted import DeleteFile, Scripted, code


def run(client: Any, text: str, **options: Any) -> Any:
    given = options.pop("additional_args", None)
    agent = SafeAgent(
        options.pop("tools", []),
        Scripted(code(text), turn_of("code", "final_answer", answer="done")),
        client=client,
        verbosity_level=0,
        **options,
    )
    agent.run("go", additional_args=given)
    return agent


def asked(client: Any) -> list[str]:
    return [each.tool for each in client.asked if each.tool != "model.generate"]


def facts(client: Any) -> Any:
    return client.of("python_interpreter")[0].args["facts"]


def test_modules_with_effects_make_no_tool_call(serving: Any, tmp_path: Path) -> None:
    """The code action is decided, by its text and facts, and nothing within it."""
    client, file = serving(), tmp_path / "file"
    file.touch()
    run(client, f"import os as o\no.remove({str(file)!r})", additional_authorized_imports=["os"])
    assert not file.exists()
    assert asked(client) == ["python_interpreter", "python_interpreter", "final_answer"]
    assert facts(client)["imports"] == ["os"] and facts(client)["calls"] == ["os.remove"]


def test_names_that_are_built_are_in_no_facts(serving: Any, tmp_path: Path) -> None:
    client, file = serving(), tmp_path / "file"
    file.touch()
    run(client, f"import os\nf = getattr(os, 'rem' + 'ove')\nf({str(file)!r})", additional_authorized_imports=["os"])
    assert not file.exists()
    assert "os.remove" not in str(client.of("python_interpreter")[0].args)


def test_methods_of_objects_are_not_governed(serving: Any, tmp_path: Path) -> None:
    client, file = serving(), tmp_path / "file"
    run(client, "where.write_text('written')", additional_args={"where": file})
    assert file.read_text("utf-8") == "written"
    assert asked(client) == ["python_interpreter", "python_interpreter", "final_answer"]
    assert facts(client)["attributes"] == ["where.write_text"]


def test_format_strings_read_what_is_in_the_process(serving: Any) -> None:
    """They call nothing; what they name is among the facts where it is written out."""
    client = serving()
    text = 'print("{0.__wrapped__.__closure__}".format(delete_file))'
    agent = run(client, text, tools=[DeleteFile()])
    assert "Governor object" in agent.model.seen[-1] and client.of("delete_file") == []
    assert facts(client)["dunderTexts"] == ["{0.__wrapped__.__closure__}"]


def test_the_key_is_in_the_process(dev: Dev) -> None:  # noqa: F811
    text = """
for n in range(9):
    try:
        print(("{0.__wrapped__.__closure__[" + str(n) + "].cell_contents.options.client._pool.gateway.key}").format(delete_file))
    except Exception:
        pass
"""
    with closing(DevClient(dev, "allows")) as client:
        agent = run(client, text, tools=[DeleteFile()])
        assert dev.address[1] in agent.model.seen[-1] and client.verdicts("python_interpreter") == ["allow", "allow"]
