"""The page of the cache and the data: figures, both resets, backups, and restores beside the running daemon."""

import re
import tarfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from fakes_web import DEMO, PASSWORD, PROTECTED, SETTINGS, WAITING, Answer, Waiting, WebRoom, make_room

SECRET = "a-secret-of-the-vault"
VAULT = f"web: {{password: '${{secret:web}}'}}\n{SETTINGS}"


def run(room: WebRoom, name: str) -> str:
    """Run a command to its end and return its status."""
    answer = room.post(f"/api/commands/{name}/run", body={})
    assert answer.status == 202, answer.text
    return str(room.wait_for_run(int(answer.json()["id"])).status.value)


def executions(room: WebRoom) -> int:
    with room.control.inside():
        return len(list(room.control.store.history.recent(limit=100)))


def archives(room: WebRoom) -> list[str]:
    return sorted(path.name for path in (room.root / "data/backups").glob("*.tar.gz"))


def upload(room: WebRoom, content: bytes, confirm: str = "restore") -> Answer:
    edge = "----form"
    raw = (
        (
            f'--{edge}\r\nContent-Disposition: form-data; name="confirm"\r\n\r\n{confirm}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="archive"; filename="b.tar.gz"\r\n\r\n'
        ).encode()
        + content
        + f"\r\n--{edge}--\r\n".encode()
    )
    headers = {"Origin": room.url, "Content-Type": f"multipart/form-data; boundary={edge}"}
    return room.ask("POST", "/data/restore", raw=raw, headers=headers)


def test_the_page_shows_what_is_kept_and_an_empty_cache(shared: WebRoom) -> None:
    shared.control.reset_cache()
    page = shared.get("/data").text
    assert "The cache is empty. It fills with the next runs." in page
    assert '<a href="/data" aria-current="page">' in page
    assert 'href="/api/backup" download' in page


def test_the_cache_is_shown_by_service_and_emptied_by_service_and_as_a_whole(room: WebRoom) -> None:
    with room.control.inside():
        answers = room.control.app.cache.answers
        for source in ("lastfm", "<b>odd</b>"):
            answers.put(source, "similar x", [1, 2, 3], timedelta(days=1))
        assert answers.get("lastfm", "similar x") is not None
        assert answers.get("lastfm", "similar y") is None
    page = room.get("/data").text
    row = re.search(r'<tr id="source-lastfm">.*?</tr>', page, re.DOTALL)
    assert row and "50 %" in row.group(0) and "1 answered, 1 asked for" in row.group(0)
    assert "<b>odd" not in page
    assert room.submit("/data/reset-cache", {"source": "<b>odd</b>"}).status == 303
    page = room.get("/data").text
    assert "What the cache held of" in page and "odd&lt;/b&gt; is gone" in page
    assert 'id="source-lastfm"' in page
    room.submit("/data/reset-cache")
    page = room.get("/data").text
    assert "The cache is gone; it is rebuilt as it is needed." in page
    assert "The cache is empty." in page


def test_a_library_index_is_shown_and_forgotten(music: WebRoom) -> None:
    assert run(music, "refresh") == "succeeded"
    page = music.get("/data").text
    row = re.search(r'<tr id="library-files-1">.*?</tr>', page, re.DOTALL)
    assert row and 'value="files"' in row.group(0)
    music.submit("/data/reset-cache", {"source": "files"})
    assert "library-files" not in music.get("/data").text
    assert run(music, "refresh") == "succeeded"
    assert "library-files" in music.get("/data").text


def test_reset_all_empties_both_databases_and_the_daemon_goes_on(music: WebRoom) -> None:
    assert run(music, "refresh") == "succeeded"
    answer = music.submit("/data/reset-all", {"confirm": "reset all"})
    assert (answer.status, answer.headers["location"]) == (303, "/data")
    page = music.get("/data").text
    (kept,) = archives(music)
    assert f"<code>data/backups/{kept}</code>" in page
    assert executions(music) == 0
    assert "The cache is empty." in page
    assert music.get("/health").status == 200
    assert run(music, "refresh") == "succeeded"
    music.write("commands/late.yaml", WAITING)
    music.control.reload()
    assert "late" in music.get("/").text


@pytest.mark.parametrize("words", ["", "reset", "yes"])
def test_reset_all_wants_its_words(shared: WebRoom, words: str) -> None:
    answer = shared.submit("/data/reset-all", {"confirm": words})
    assert answer.status == 400
    assert "nothing was changed: type the words <code>reset all</code>" in answer.text
    assert shared.get("/data/reset-all").headers["location"] == "/data"


def test_a_run_that_goes_on_keeps_both_from_being_done(room: WebRoom) -> None:
    backup = room.get("/api/backup").body
    room.submit("/commands/waits/run")
    assert Waiting.entered.wait(20)
    assert "waits runs: wait for the end" in room.get("/data").text
    for answer in (room.submit("/data/reset-all", {"confirm": "Reset all"}), upload(room, backup)):
        assert answer.status == 409
        assert "waits is running: wait for its end, or cancel it first." in answer.text
        assert "<h1>Cache and data</h1>" in answer.text
    assert len(room.control.active()) == 1
    Waiting.let_go.set()


def test_an_upload_puts_everything_back_and_the_daemon_goes_on(room: WebRoom) -> None:
    Waiting.let_go.set()
    assert run(room, "waits") == "succeeded"
    backup = room.get("/api/backup").body
    assert run(room, "waits") == "succeeded"
    room.write("commands/later.yaml", WAITING)
    answer = upload(room, backup)
    assert (answer.status, answer.headers["location"]) == (303, "/data")
    assert "The backup is in place, and Cmdarr goes on with it." in room.get("/data").text
    assert executions(room) == 1
    assert not (room.config / "commands/later.yaml").exists()
    assert "later" not in room.control.snapshot.commands
    assert run(room, "waits") == "succeeded"
    assert [path.name for path in (room.root / "data").iterdir() if path.name.startswith(".")] == []


def test_a_kept_archive_is_put_back_by_name_only(room: WebRoom) -> None:
    Waiting.let_go.set()
    run(room, "waits")
    room.submit("/data/reset-all", {"confirm": "reset all"})
    (kept,) = archives(room)
    assert kept in room.get("/data").text
    for name in ("../config.db", "", "none.tar.gz"):
        refused = room.submit("/data/restore-kept", {"confirm": "restore", "name": name})
        assert refused.status == 404, name
    assert room.submit("/data/restore-kept", {"confirm": "restore", "name": kept}).status == 303
    assert executions(room) == 1
    assert run(room, "waits") == "succeeded"


@pytest.mark.parametrize(
    ("content", "confirm", "status", "sentence"),
    [
        (b"no archive at all", "restore", 422, "the upload: it cannot be read; it is damaged or no backup"),
        (b"", "restore", 422, "the upload"),
        (b"x", "yes", 400, "type the words <code>restore</code>"),
    ],
)
def test_an_upload_that_is_no_backup_changes_nothing(
    shared: WebRoom, content: bytes, confirm: str, status: int, sentence: str
) -> None:
    answer = upload(shared, content, confirm)
    assert answer.status == status
    assert sentence in answer.text
    assert shared.get("/health").status == 200


def test_a_backup_whose_settings_do_not_work_here_is_refused_before_anything_stops(tmp_path: Path) -> None:
    other = make_room(tmp_path / "other", VAULT)
    other.write("secrets.yaml", f"web: {SECRET}\n")
    with other.serve():
        other.log_in(SECRET)
        backup = other.get("/api/backup").body
        assert SECRET.encode() not in backup
    with make_room(tmp_path / "here").serve() as room:
        answer = upload(room, backup)
        assert answer.status == 422
        assert "the settings in this archive do not work here, so nothing was changed" in answer.text
        assert room.get("/health").status == 200
        assert (room.config / "settings.yaml").read_text() == SETTINGS
        room.write("secrets.yaml", f"web: {SECRET}\n")
        assert upload(room, backup).status == 303
        assert room.get("/data").headers["location"] == "/login?next=/data"


def test_a_backup_with_secrets_is_kept_here_and_never_sent(tmp_path: Path) -> None:
    room = make_room(tmp_path, VAULT)
    room.write("secrets.yaml", f"web: {SECRET}\n")
    with room.serve():
        room.log_in(SECRET)
        for _ in range(2):
            answer = room.submit("/data/keep")
            assert SECRET not in answer.text
        names = archives(room)
        assert len(names) == 2
        page = room.get("/data").text
        assert all(name in page for name in names) and SECRET not in page
    for name in names:
        path = room.root / "data/backups" / name
        assert path.stat().st_mode & 0o077 == 0
        with tarfile.open(fileobj=BytesIO(path.read_bytes())) as tar:
            assert "config/secrets.yaml" in tar.getnames()


def test_after_reset_all_everybody_logs_in_again(tmp_path: Path) -> None:
    with make_room(tmp_path, PROTECTED).serve() as room:
        room.log_in()
        assert "and you are logged out" in room.get("/data").text
        assert room.submit("/data/reset-all", {"confirm": "reset all"}).status == 303
        assert room.get("/data").headers["location"] == "/login?next=/data"
        assert room.log_in(PASSWORD).status == 303
        assert "Both databases are empty." in room.get("/data").text


def test_another_site_and_a_stranger_reset_nothing(guarded: WebRoom) -> None:
    assert guarded.submit("/data/reset-all", {"confirm": "reset all"}).status in {303, 401, 403}
    guarded.log_in()
    foreign = {"Origin": "http://evil.example"}
    for path in ("/data/reset-all", "/data/reset-cache", "/data/restore", "/data/keep"):
        assert guarded.post(path, form={"confirm": "reset all"}, headers=foreign).status == 403
    assert archives(guarded) == []


def test_a_damaged_archive_in_the_folder_is_shown_as_one(tmp_path: Path) -> None:
    room = make_room(tmp_path, DEMO)
    folder = room.root / "data/backups"
    folder.mkdir(parents=True)
    (folder / "broken.tar.gz").write_bytes(b"nothing")
    with room.serve():
        page = room.get("/data").text
    assert "cannot be read" in page and "words-1" not in page
