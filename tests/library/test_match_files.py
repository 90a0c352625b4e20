"""The matcher over two CSV files."""

from pathlib import Path

import pytest

from cmdarr.errors import NothingFound, UsageError
from cmdarr.library.match_files import match_files

HEAD = "id,title,artist,album,duration_s,isrc,recording_mbid"


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def test_every_wanted_row_gets_a_decision_in_order(tmp_path: Path) -> None:
    wanted = write(
        tmp_path / "w.csv", HEAD, "1,Hello (Live),Adele,,,,", "2,Hello,ADELE,25,295,,", "3,Nothing,X,,,,"
    )
    library = write(tmp_path / "l.csv", HEAD, "a,Hello,Adele,25,295.4,,", "b,Skyfall,Adele,,,,")
    rows = match_files(wanted, library)
    assert [(row.id, row.decision, row.match, row.stage) for row in rows] == [
        ("1", "abstained", None, ""),
        ("2", "matched", "a", "exact_album"),
        ("3", "abstained", None, ""),
    ]
    assert "this is the studio version" in rows[0].reason


def test_groups_restrict_the_candidates(tmp_path: Path) -> None:
    wanted = write(
        tmp_path / "w.csv",
        HEAD + ",group",
        "1,Hello,Adele,,,,,g1",
        "2,Hello,Adele,,,,,g2",
        "3,Hello,Adele,,,,,g3",
    )
    library = write(tmp_path / "l.csv", HEAD + ",group", "a,Hello,Adele,,,,,g2", "b,Hello,Adele,,,,,g1")
    assert [row.match for row in match_files(wanted, library)] == ["b", "a", None]


def test_a_group_in_one_file_only_restricts_nothing(tmp_path: Path) -> None:
    wanted = write(tmp_path / "w.csv", HEAD + ",group", "1,Hello,Adele,,,,,g1")
    library = write(tmp_path / "l.csv", HEAD, "a,Hello,Adele,,,,")
    assert [row.match for row in match_files(wanted, library)] == ["a"]


def test_columns_may_be_few_and_in_any_order(tmp_path: Path) -> None:
    wanted = write(tmp_path / "w.csv", "artist,id,title", "Adele,1,Hello", encoding="utf-8-sig")
    library = write(tmp_path / "l.csv", "title,artist,id", '"Hello",Adele,a')
    assert [row.match for row in match_files(wanted, library)] == ["a"]


def test_identifiers_are_read(tmp_path: Path) -> None:
    mbid = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"
    wanted = write(
        tmp_path / "w.csv", HEAD, f"1,Gruppa krovi,Kino,,284,,{mbid}", "2,Hello,Adele,,,GBUM71029604,"
    )
    library = write(
        tmp_path / "l.csv", HEAD, f"a,Группа крови,Кино,,285,,{mbid}", "b,Hello,Adele,,,GB-UM7-10-29604,"
    )
    assert [row.stage for row in match_files(wanted, library)] == ["recording_mbid", "isrc"]


def test_empty_files_are_fine(tmp_path: Path) -> None:
    assert match_files(write(tmp_path / "w.csv", HEAD), write(tmp_path / "l.csv", HEAD)) == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["title,artist", "Hello,Adele"], "line 1 has no column id"),
        ([HEAD, "1,Hello,Adele,,long,,"], "line 2: duration_s 'long' is not a number of seconds"),
    ],
)
def test_a_broken_file_names_the_line(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        match_files(write(tmp_path / "w.csv", *lines), write(tmp_path / "l.csv", HEAD))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match=r"gone\.csv does not exist"):
        match_files(tmp_path / "gone.csv", write(tmp_path / "l.csv", HEAD))


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    broken = write(tmp_path / "w.csv", HEAD, "1,Déjà Vu,Beyoncé,,,,", encoding="latin-1")
    with pytest.raises(UsageError, match="not UTF-8"):
        match_files(broken, write(tmp_path / "l.csv", HEAD))
