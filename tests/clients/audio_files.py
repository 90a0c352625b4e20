"""Minimal audio files of the formats that the demo library does not have, without tags."""

import io
import struct

from mutagen.ogg import OggPage

from cmdarr.clients.files.tone import make_flac, make_mp3, make_wav


def make_aiff(duration_ms: int) -> bytes:
    frames = 8 * duration_ms
    rate = struct.pack(">hQ", 16383 + 12, 8000 << (63 - 12))  # 80-bit float of 8000
    common = struct.pack(">hIh", 1, frames, 8) + rate
    sound = struct.pack(">II", 0, 0) + bytes(frames)
    body = b"AIFF" + b"".join(
        k + struct.pack(">I", len(v)) + v for k, v in ((b"COMM", common), (b"SSND", sound))
    )
    return b"FORM" + struct.pack(">I", len(body)) + body


def make_m4a(duration_ms: int) -> bytes:
    def atom(name: bytes, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack(">I", len(body) + 8) + name + body

    header = struct.pack(">IIIII", 0, 0, 0, 1000, duration_ms)
    sample = bytes(6) + struct.pack(">H8xHH4xI", 1, 1, 16, 8000 << 16)
    entry = atom(b"mp4a", sample, atom(b"free"))
    described = atom(b"stsd", struct.pack(">II", 0, 1), entry)
    handler = atom(b"hdlr", bytes(8) + b"soun" + bytes(13))
    media = atom(b"mdia", atom(b"mdhd", header + bytes(4)), handler, atom(b"minf", atom(b"stbl", described)))
    movie = atom(b"moov", atom(b"mvhd", header + bytes(80)), atom(b"trak", media))
    return atom(b"ftyp", b"M4A \0\0\0\0M4A mp42isom") + movie + atom(b"mdat", bytes(16))


def make_opus(duration_ms: int) -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    return _make_ogg([head, b"OpusTags" + bytes(8)], 48 * duration_ms)


def make_vorbis(duration_ms: int) -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 8000, 0, 64000, 0, 0xB8, 1)
    return _make_ogg([head, b"\x03vorbis" + bytes(8) + b"\x01", b"\x05vorbis" + bytes(8)], 8 * duration_ms)


def _make_ogg(packets: list[bytes], position: int) -> bytes:
    pages = []
    for sequence, packet in enumerate([packets[0], *packets[1:], b"\0" * 8]):
        page = OggPage()  # type: ignore[no-untyped-call]
        page.serial, page.sequence, page.packets = 7, sequence, [packet]
        page.first, page.last = sequence == 0, sequence == len(packets)
        page.position = position if page.last else 0
        pages.append(page.write())  # type: ignore[no-untyped-call]
    return io.BytesIO(b"".join(pages)).getvalue()


MAKERS = {
    "mp3": lambda ms: make_mp3(ms, 440.0),
    "flac": lambda ms: make_flac(ms, 440.0),
    "wav": lambda ms: make_wav(ms, 440.0),
    "aiff": make_aiff,
    "m4a": make_m4a,
    "opus": make_opus,
    "ogg": make_vorbis,
}
