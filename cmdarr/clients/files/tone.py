"""Tiny audio files made by hand: a soft tone as WAV, FLAC and MP3 bytes, without tags."""

import hashlib
import io
import math
import wave
from collections.abc import Iterator

_RATE = 8000
_LOUDNESS = 20  # of 127: soft
_FLAC_BLOCK = 4096
_MP3_FRAME_BYTES = 96  # 32 kbit/s at 48 kHz
_MP3_FRAME_MS = 24
_MP3_GAIN = 199


def make_wav(duration_ms: int, frequency: float) -> bytes:
    """Return a mono 8-bit WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(_RATE)
        file.writeframes(bytes(sample + 128 for sample in _samples(duration_ms, frequency)))
    return buffer.getvalue()


def make_flac(duration_ms: int, frequency: float) -> bytes:
    """Return a mono 8-bit FLAC file with verbatim subframes (RFC 9639)."""
    samples = bytes(sample & 0xFF for sample in _samples(duration_ms, frequency))
    blocks = [samples[start : start + _FLAC_BLOCK] for start in range(0, len(samples), _FLAC_BLOCK)]
    return b"fLaC" + _stream_info(samples) + b"".join(map(_flac_frame, range(len(blocks)), blocks))


def make_mp3(duration_ms: int, frequency: float) -> bytes:
    """Return a mono MPEG-1 layer III file at 32 kbit/s: every granule holds one spectral line."""
    line = max(1, round(frequency / (48_000 / 2 / 576) - 0.5))
    frame = _mp3_frame(line)
    return frame * max(1, round(duration_ms / _MP3_FRAME_MS))


def _samples(duration_ms: int, frequency: float) -> list[int]:
    """Return signed 8-bit samples of a tone that fades out."""
    count = _RATE * duration_ms // 1000
    step = 2 * math.pi * frequency / _RATE
    return [round(_LOUDNESS * (1 - n / count) * math.sin(step * n)) for n in range(count)]


def _stream_info(samples: bytes) -> bytes:
    """Return the STREAMINFO block, marked as the last metadata block."""
    packed = _RATE << 44 | (8 - 1) << 36 | len(samples)
    body = (
        _FLAC_BLOCK.to_bytes(2, "big") * 2
        + bytes(6)
        + packed.to_bytes(8, "big")
        + hashlib.md5(samples, usedforsecurity=False).digest()
    )
    return b"\x80" + len(body).to_bytes(3, "big") + body


def _flac_frame(number: int, samples: bytes) -> bytes:
    # Fixed block size, its length in 16 bits after the number, 8 kHz, mono, 8 bits a sample.
    header = b"\xff\xf8\x74\x02" + chr(number).encode() + (len(samples) - 1).to_bytes(2, "big")
    frame = header + bytes([_crc(header, 8, 0x07)]) + b"\x02" + samples
    return frame + _crc(frame, 16, 0x8005).to_bytes(2, "big")


def _crc(data: bytes, width: int, polynomial: int) -> int:
    table = tuple(_crc_table(width, polynomial))
    mask, shift, value = (1 << width) - 1, width - 8, 0
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> shift ^ byte]
    return value


def _crc_table(width: int, polynomial: int) -> Iterator[int]:
    top, mask = 1 << (width - 1), (1 << width) - 1
    for byte in range(256):
        value = byte << (width - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        yield value


def _mp3_frame(line: int) -> bytes:
    # Huffman table 1: the pair (0,0) is "1", (1,0) is "01", (0,1) is "001", each 1 followed by its sign.
    granule = "1" * (line // 2) + ("0010" if line % 2 else "010")
    big_values = line // 2 + 1
    side = (
        f"{len(granule):012b}{big_values:09b}{_MP3_GAIN:08b}{0:04b}0"  # lengths, gain, scale factors, long blocks
        f"{1:05b}{1:05b}{1:05b}{0:04b}{0:03b}000"  # Huffman table 1 in all three regions
    )
    bits = f"{0:09b}{0:05b}{0:04b}" + side * 2 + granule * 2
    padded = bits + "0" * (-len(bits) % 8)
    body = int(padded, 2).to_bytes(len(padded) // 8, "big")
    return (b"\xff\xfb\x14\xc0" + body).ljust(_MP3_FRAME_BYTES, b"\0")
