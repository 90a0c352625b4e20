"""The configuration page, the editor and the API of files, over a real socket and a real daemon."""

import html
import re
import subprocess
from pathlib import Path

import pytest
from fakes_web import PROTECTED, REFRESH, WAITING, Answer, WebRoom, make_room, wait_until

from cmdarr.app.editing import ABSENT

FILE = "/configuration/edit/commands/waits.yaml"
API = "/api/config/files/commands/waits.yaml"
BROKEN = "kind: waiting\nbogus: 1\n"


def field(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, name
    return html.unescape(found[1])


def text_of(page: Answer) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def as_sent(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def preview(room: WebRoom, text: str, path: str = FILE, **more: str) -> Answer:
    page = room.get(path)
    return room.submit(
        path, {"digest": field(page, "digest"), "text": as_sent(text), "do": "preview", **more}
    )


def save(room: WebRoom, seen: Answer, text: str, path: str = FILE, **more: str) -> Answer:
    form = {
        "digest": field(seen, "digest"),
        "previewed": field(seen, "previewed"),
        "text": as_sent(text),
        "do": "save",
    }
    return room.submit(path, {**form, **more})


def bytes_of(room: WebRoom, name: str = "commands/waits.yaml") -> bytes:
    return (room.config / name).read_bytes()


def test_a14_the_page_shows_every_file_with_its_state(room: WebRoom) -> None:
    page = room.get("/configuration").text
    assert page.count('<span class="tag on">ok</span>') == 3
    assert "settings.yaml:1" in page  # where a setting comes from
    room.write("commands/waits.yaml", BROKEN)
    room.write("commands/never.yaml", BROKEN)
    room.control.reload()
    page = room.get("/configuration").text
    assert "running the version of" in page
    assert "broken: not in force" in page
    assert "commands/waits.yaml:2:1" in page
    assert "bogus: 1\n^" in page
    assert "2 broken" in page


def test_the_page_shows_what_waits_for_a_restart_and_what_changed(room: WebRoom) -> None:
    room.write("settings.yaml", "web: {port: 8181}\nservices: {files: {path: tunes}}\n")
    room.control.reload()
    page = room.get("/configuration").text
    assert "pending restart: web.port" in page
    assert "<code>services.files.path</code> <span" in page


def test_the_page_shows_the_commit_and_what_is_not_committed(tmp_path: Path) -> None:
    room = make_room(tmp_path)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=room.config, check=True)
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=room.config, check=True, capture_output=True, text=True
    ).stdout.strip()
    room.write("commands/waits.yaml", f"{WAITING}enabled: false\n")
    with room.serve():
        page = room.get("/configuration").text
    assert head in page
    assert page.count("not committed") == 2


def test_a_check_looks_at_the_disk_and_says_what_a_reload_would_change(room: WebRoom) -> None:
    assert "It is in force already" in room.get("/configuration?check=1").text
    room.control.daemon._watcher.stop()
    room.write("commands/waits.yaml", f"{WAITING}time_limit: 5m\n")
    page = room.get("/configuration?check=1").text
    assert "A reload would change" in page
    assert 'waits <span class="muted">changed</span>' in page
    room.write("commands/waits.yaml", BROKEN)
    assert "1 error in 1 file." in room.get("/configuration?check=1").text
    assert 'class="tag on">ok' in room.get("/configuration").text


def test_of_very_many_files_those_that_are_broken_come_first_and_the_others_are_found(room: WebRoom) -> None:
    for number in range(120):
        room.write(f"commands/many-{number:03}.yaml", REFRESH)
    room.write("commands/zzz.yaml", BROKEN)
    room.control.reload()
    page = room.get("/configuration").text
    assert page.count('<li id="file-') == 100
    assert page.index('id="file-commands/zzz.yaml"') < page.index('id="file-commands/many-000.yaml"')
    assert "100 of 124 files are shown" in page
    found = room.get("/configuration?find=MANY-119").text
    assert found.count('<li id="file-') == 1
    assert "No file matches" in room.get("/configuration?find=nothing").text


def test_the_page_of_a_command_leads_to_its_file(room: WebRoom) -> None:
    assert f'href="{FILE}">Edit</a>' in room.get("/commands/waits").text


def test_a_reload_says_what_came_of_it(room: WebRoom) -> None:
    assert room.submit("/configuration/reload").headers["location"] == "/configuration"
    assert "Nothing differs" in room.get("/configuration").text


def test_a_save_takes_two_steps_and_is_in_force(room: WebRoom) -> None:
    text = WAITING.replace("manual", "'@daily'")
    seen = preview(room, text)
    assert seen.status == 200
    assert "+schedule: &#39;@daily&#39;" in seen.text
    assert bytes_of(room).decode() == WAITING
    saved = save(room, seen, text)
    assert (saved.status, saved.headers["location"]) == (303, "/configuration")
    assert bytes_of(room).decode() == text
    page = room.get("/configuration").text
    assert "commands/waits.yaml is saved. In force now: 1 changed (waits)." in page
    assert str(room.control.snapshot.commands["waits"].options).find("@daily") > 0


def test_a_text_that_was_not_previewed_is_previewed_first(room: WebRoom) -> None:
    seen = preview(room, f"{WAITING}time_limit: 5m\n")
    other = f"{WAITING}time_limit: 6m\n"
    again = save(room, seen, other)
    assert again.status == 422
    assert "+time_limit: 6m" in again.text
    assert bytes_of(room).decode() == WAITING
    assert save(room, again, other).status == 303


def test_a_broken_text_is_saved_only_after_a_tick(room: WebRoom) -> None:
    seen = preview(room, BROKEN)
    assert "commands/waits.yaml:2:1" in seen.text
    refused = save(room, seen, BROKEN)
    assert refused.status == 422
    assert text_of(refused) == BROKEN
    assert bytes_of(room).decode() == WAITING
    assert save(room, refused, BROKEN, anyway="true").status == 303
    assert bytes_of(room).decode() == BROKEN
    assert "What was good before goes on" in room.get("/configuration").text
    assert room.control.snapshot.commands["waits"].state == "last_good"


def test_b9_a_file_that_changed_meanwhile_is_not_overwritten_and_both_are_shown(room: WebRoom) -> None:
    mine, theirs = f"{WAITING}time_limit: 5m\n", f"{WAITING}enabled: false\n"
    seen = preview(room, mine)
    room.write("commands/waits.yaml", theirs)
    refused = save(room, seen, mine)
    assert refused.status == 409
    assert bytes_of(room).decode() == theirs
    assert "+enabled: false" in refused.text
    assert "+time_limit: 5m" in refused.text
    assert text_of(refused) == mine
    assert save(room, refused, mine).status == 303
    assert bytes_of(room).decode() == mine


def test_what_was_not_touched_stays_byte_for_byte(room: WebRoom) -> None:
    data = b"\xef\xbb\xbfkind: waiting\r\n# a line \xc3\xa9\r\nschedule:   manual  \r\ndescription: last"
    (room.config / "commands/waits.yaml").write_bytes(data)
    page = room.get(FILE)
    text = text_of(page)
    assert "Nothing differs" in preview(room, text).text
    changed = text.replace("last", "first")
    assert save(room, preview(room, changed), changed).status == 303
    assert bytes_of(room) == data.replace(b"last", b"first")


def test_a_text_that_begins_with_an_empty_line_keeps_it(room: WebRoom) -> None:
    room.write("commands/waits.yaml", f"\n\n{WAITING}")
    assert text_of(room.get(FILE)) == f"\n\n{WAITING}"


def test_markup_in_a_file_is_text(room: WebRoom) -> None:
    room.write("commands/waits.yaml", f"{WAITING}# </textarea><script>alert(1)</script> &amp;\n")
    page = room.get(FILE)
    assert "<script>alert" not in page.text
    assert text_of(page).endswith("# </textarea><script>alert(1)</script> &amp;\n")


def test_secrets_stand_behind_marks_on_the_page_and_in_the_api(tmp_path: Path) -> None:
    with make_room(tmp_path, PROTECTED).serve() as room:
        room.log_in()
        before = bytes_of(room, "settings.yaml")
        path = "/configuration/edit/settings.yaml"
        text = text_of(room.get(path))
        assert "correct horse" not in room.get(path).text
        assert text.count("•••") == 4
        changed = text + "log: {level: debug}\n"
        seen = preview(room, changed, path)
        assert "correct horse" not in seen.text
        assert save(room, seen, changed, path).status == 303
        assert bytes_of(room, "settings.yaml") == before + b"log: {level: debug}\n"
        shown = room.get("/api/config/files/settings.yaml").text
        assert "correct horse" not in shown
        assert "a-key-of-16-bytes" not in shown


def test_a_new_command_is_begun_previewed_and_saved(room: WebRoom) -> None:
    assert "<option>library_refresh</option>" in room.get("/configuration/new").text
    assert room.get("/configuration/new?name=Bad%20name").status == 422
    assert "already" in room.get("/configuration/new?name=waits").text
    page = room.get("/configuration/new?name=fresh&kind=library_refresh")
    assert "kind: library_refresh" in text_of(page)
    path = "/configuration/edit/commands/fresh.yaml"
    seen = preview(room, REFRESH, path)
    assert "--- /dev/null" in seen.text
    assert save(room, seen, REFRESH, path).status == 303
    assert bytes_of(room, "commands/fresh.yaml").decode() == REFRESH
    assert "fresh" in room.control.snapshot.commands


@pytest.mark.parametrize(
    "name",
    [
        "secrets.yaml",
        "..%2Fsettings.yaml",
        "commands%2F..%2Fsettings.yaml",
        "commands/x.yml",
        "%00",
        "data/config.db",
    ],
)
def test_no_other_file_is_shown(shared: WebRoom, name: str) -> None:
    for path in (f"/configuration/edit/{name}", f"/api/config/files/{name}"):
        assert shared.get(path).status == 404


def test_the_switch_changes_one_place_and_goes_back_where_it_was_asked(room: WebRoom) -> None:
    answer = room.submit("/configuration/enabled/waits", {"enabled": "false", "back": "/"})
    assert answer.headers["location"] == "/"
    assert bytes_of(room).decode() == WAITING.replace("kind: waiting\n", "kind: waiting\nenabled: false\n")
    for back in ("//evil.example", "https://evil.example", "/\\evil", "/x\r\ny", ""):
        answer = room.submit("/configuration/enabled/waits", {"enabled": "true", "back": back})
        assert answer.headers["location"] == "/configuration"
    assert "waits is enabled in commands/waits.yaml" in room.get("/configuration").text


def test_a_switch_that_is_not_safe_says_so(room: WebRoom) -> None:
    room.write("commands/waits.yaml", f"x-flag: &flag true\n{WAITING}enabled: *flag\n")
    room.control.reload()
    room.submit("/configuration/enabled/waits", {"enabled": "false"})
    assert "cannot be changed safely" in room.get("/configuration").text
    assert room.ask("PUT", "/api/commands/waits/enabled", body={"enabled": False}).status == 409


def test_b10_where_files_cannot_be_written_the_page_shows_what_to_commit(
    room: WebRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The disk is made read-only where the system is asked about it: tests may run as root, who may write everywhere.
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    page = room.get("/configuration").text
    assert "read-only" in page
    text = f"{WAITING}time_limit: 5m\n"
    seen = preview(room, text)
    assert "What to commit" in seen.text
    assert "+time_limit: 5m" in seen.text
    assert 'value="save"' not in seen.text
    refused = save(room, seen, text)
    assert refused.status == 409
    switched = room.submit("/configuration/enabled/waits", {"enabled": "false"})
    assert switched.status == 409
    assert "+enabled: false" in switched.text
    assert bytes_of(room).decode() == WAITING
    sent = {"text": text, "digest": field(seen, "digest")}
    assert room.ask("PUT", API, body=sent).status == 409


def test_the_api_shows_checks_and_saves_a_file(room: WebRoom) -> None:
    assert room.get("/api/config/files").json() == {
        "files": ["settings.yaml", "commands/refresh.yaml", "commands/waits.yaml"]
    }
    found = room.get(API).json()
    assert (found["file"], found["text"], found["refusal"]) == ("commands/waits.yaml", WAITING, "")
    draft = room.post(API, body={"text": BROKEN}).json()
    assert draft["is_valid"] is False
    assert [(one["line"], one["column"], one["code"]) for one in draft["findings"]] == [(2, 1, "unknown_key")]
    assert "+bogus: 1" in draft["diff"]
    refused = room.ask("PUT", API, body={"text": BROKEN, "digest": found["digest"]})
    assert (refused.status, refused.json()["findings"][0]["line"]) == (422, 2)
    text = f"{WAITING}time_limit: 5m\n"
    saved = room.ask("PUT", API, body={"text": text, "digest": found["digest"]}).json()
    assert saved["reload"]["changes"]["changed"] == ["waits"]
    assert bytes_of(room).decode() == text
    late = room.ask("PUT", API, body={"text": WAITING, "digest": found["digest"]})
    assert late.status == 409
    assert room.get(API).json()["digest"] == saved["digest"]
    assert room.get("/api/config/files/commands/none.yaml").json()["digest"] == ABSENT


def test_the_api_switches_a_command(room: WebRoom) -> None:
    saved = room.ask("PUT", "/api/commands/waits/enabled", body={"enabled": False}).json()
    assert saved["file"] == "commands/waits.yaml"
    options = room.control.snapshot.commands["waits"].options
    assert options is not None
    assert not options.enabled
    assert room.ask("PUT", "/api/commands/nobody/enabled", body={"enabled": False}).status == 404


def test_w24_a_save_gives_one_generation(room: WebRoom) -> None:
    """The watcher, which sees the same write, must not apply it once more."""
    seen: list[str] = []
    room.control.daemon.reloader.add_listener(lambda before, after, result: seen.append(result.generation))
    text = f"{WAITING}time_limit: 5m\n"
    assert save(room, preview(room, text), text).status == 303
    room.write("commands/last.yaml", WAITING)
    wait_until(lambda: "last" in room.control.snapshot.commands)
    assert len(seen) == len(set(seen)) == 2


def test_a_draft_that_nobody_saved_masks_nothing_elsewhere(room: WebRoom) -> None:
    """What somebody types must not become a secret of the whole program."""
    room.post("/api/config/files/settings.yaml", body={"text": "web: {password: refresh}\n"})
    assert "commands/refresh.yaml" in room.get("/configuration").text


def test_another_site_cannot_save(protected: WebRoom) -> None:
    protected.log_in()
    for path in (FILE, "/configuration/enabled/waits", "/configuration/reload"):
        answer = protected.ask(
            "POST", path, form={"enabled": "false"}, headers={"Origin": "https://evil.example"}
        )
        assert answer.status == 403
    protected.jar.clear()
    assert protected.get(FILE).status == 303
    assert protected.ask("PUT", API, body={"text": "", "digest": ""}).status == 401
