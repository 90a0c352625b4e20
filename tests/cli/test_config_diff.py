"""`cmdarr config diff`: what a reload would change, and how it leaves."""

from fakes_cli import Installation

COMMAND = "commands/demo-favourites.yaml"


def snapshot_of(installation: Installation) -> dict[str, bytes]:
    return {
        str(path.relative_to(installation.root)): path.read_bytes()
        for path in installation.root.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_b3_no_change_leaves_with_0_a_change_with_3_and_a_broken_file_with_1(installed: Installation) -> None:
    with installed.reloader():
        pass
    called = installed.call("config", "diff")
    assert (called.code, called.out) == (0, "no changes.\n")
    text = (installed.config / COMMAND).read_text()
    installed.write(COMMAND, text.replace("0 */6 * * *", "5 4 * * *"))
    installed.write("settings.yaml", "web: {port: 9000, password: canary-4711}\n" + services(installed))
    before = snapshot_of(installed)
    changed = installed.call("config", "diff")
    assert changed.code == 3
    assert "~ command demo-favourites" in changed.out
    assert "web.port: (not set) → 9000  (waits for a restart)" in changed.out
    assert "canary-4711" not in changed.out and "•••" in changed.out
    document = installed.json("config", "diff", "--json", code=3)
    assert document["commands"] == {"added": [], "changed": ["demo-favourites"], "removed": []}
    assert document["restart_only"] == ["web.port"]
    assert [run["command"] for run in document["next_runs"]] == ["demo-favourites"]
    assert snapshot_of(installed) == before
    installed.write(COMMAND, "kind: playlist_snyc\n")
    broken = installed.call("config", "diff")
    assert (broken.code, broken.out) == (1, "")
    assert f"{COMMAND}:1:7" in broken.err


def services(installation: Installation) -> str:
    lines = (installation.config / "settings.yaml").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")) + "\n"


def test_before_the_first_start_everything_is_new(installed: Installation) -> None:
    document = installed.json("config", "diff", "--json", code=3)
    assert document["commands"]["added"] == ["demo-favourites"]
    assert not installed.data.exists()
