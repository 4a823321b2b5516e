"""The server's half of RFC 6455, as much as Socket Mode needs: whole text frames, ping, close."""

import base64
import hashlib
import struct
from typing import BinaryIO, NamedTuple

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FRAME_BYTES_MOST = 16 * 1024 * 1024


class Frame(NamedTuple):
    """One frame."""

    opcode: int
    payload: bytes


def accept_key(client_key: str) -> str:
    """`Sec-WebSocket-Accept` for a client's key. Source: RFC 6455, section 4.2.2."""
    digest = hashlib.sha1((client_key + _MAGIC).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def encoded(frame: Frame) -> bytes:
    """A frame as bytes, unmasked as a server's must be. Source: RFC 6455, section 5.2."""
    size = len(frame.payload)
    head = bytes([0x80 | frame.opcode])
    if size < 126:
        return head + bytes([size]) + frame.payload
    if size < 1 << 16:
        return head + b"\x7e" + struct.pack("!H", size) + frame.payload
    return head + b"\x7f" + struct.pack("!Q", size) + frame.payload


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next frame of a client, unmasked; None when the connection is cut."""
    if len(head := stream.read(2)) < 2:
        return None
    size = head[1] & 0x7F
    if size >= 126:
        width, shape = (2, "!H") if size == 126 else (8, "!Q")
        (size,) = struct.unpack(shape, stream.read(width))
    if size > FRAME_BYTES_MOST:
        return None
    mask = stream.read(4) if head[1] & 0x80 else b"\0\0\0\0"
    masked = stream.read(size)
    return Frame(head[0] & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked)))
