"""Forms with a file: taken apart exactly, whatever is in the file, and refused when malformed."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdarr.web.problem import Refused
from cmdarr.web.upload_form import split_form

BOUNDARY = b"----edge"


def form(
    content: bytes, *, confirm: str = "restore", name: str = "a.tar.gz", end: bytes = b"--\r\n"
) -> bytes:
    return (
        b'--%s\r\nContent-Disposition: form-data; name="confirm"\r\n\r\n%s\r\n'
        b'--%s\r\nContent-Disposition: form-data; name="archive"; filename="%s"\r\n'
        b"Content-Type: application/gzip\r\n\r\n%s\r\n--%s%s"
    ) % (BOUNDARY, confirm.encode(), BOUNDARY, name.encode(), content, BOUNDARY, end)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.just(b"\r\n----edge--\r\n"), st.just(b"\r\n" * 40)))
def test_the_file_comes_out_as_it_went_in(tmp_path: Path, content: bytes) -> None:
    body, target = tmp_path / "body", tmp_path / "file"
    body.write_bytes(form(content))
    assert split_form(body, BOUNDARY, target) == {"confirm": "restore"}
    assert target.read_bytes() == content
    target.unlink()


def test_a_large_file_and_a_body_without_a_last_line_end(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "body").write_bytes(form(content, end=b"--"))
    split_form(tmp_path / "body", BOUNDARY, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == content
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "cannot be read"),
        (b"confirm=restore", "cannot be read"),
        (form(b"x", end=b""), "cannot be read"),
        (form(b"x").replace(b"archive", b'arch"ive').replace(b"filename=", b"file="), "cannot be read"),
        (form(b"x", name=""), "choose a file first"),
        (b"--" + BOUNDARY + b"--\r\n", "cannot be read"),
    ],
)
def test_what_is_no_such_form_is_refused(tmp_path: Path, body: bytes, sentence: str) -> None:
    (tmp_path / "body").write_bytes(body)
    with pytest.raises(Refused, match=sentence):
        split_form(tmp_path / "body", BOUNDARY, tmp_path / "file")
