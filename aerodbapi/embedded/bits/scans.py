"""Bit commands that read a range of a blob."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.embedded.bits.fields import field_of, span_of
from aerodbapi.embedded.bits.request import SIGNED, Request
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["count", "get", "get_integer", "left_scan", "right_scan"]


def get(blob: bytes, request: Request) -> Particle:
    """Give the range as a blob that starts with its first bit; zeros fill the last byte."""
    start, size = span_of(blob, request)
    field = field_of(blob, start, size) << -size % 8
    return ParticleType.BLOB, field.to_bytes((size + 7) // 8, "big")


def count(blob: bytes, request: Request) -> Particle:
    """Give the number of ones."""
    return _integer(field_of(blob, *span_of(blob, request)).bit_count())


def left_scan(blob: bytes, request: Request) -> Particle:
    """Give the distance from the range's start to the first bit of a value; -1: none."""
    start, size = span_of(blob, request)
    field = _ones_where(request, field_of(blob, start, size), size)
    return _integer(size - field.bit_length() if field else -1)


def right_scan(blob: bytes, request: Request) -> Particle:
    """Give the distance from the range's start to the last bit of a value; -1: none.

    The server also looks at the bits before the range in its first byte, and answers with a
    negative distance when it finds the value there (particle_blob.c, bits_read_op_rscan).
    """
    start, size = span_of(blob, request)
    before = start % 8
    field = field_of(blob, start - before, size + before)
    field = _ones_where(request, field, size + before)
    last = (field & -field).bit_length()
    return _integer(size - last if field else -1)


def get_integer(blob: bytes, request: Request) -> Particle:
    """Give the range as an integer: the lowest 64 bits of two's complement."""
    start, size = span_of(blob, request)
    field = field_of(blob, start, size)
    if request.extra & SIGNED and field >> size - 1:
        field -= 1 << size
    return _integer(field)


def _ones_where(request: Request, field: int, size: int) -> int:
    """Turn the bits of the value that is looked for into ones."""
    return field if request.value else field ^ (1 << size) - 1


def _integer(number: int) -> Particle:
    return ParticleType.INTEGER, (number & (1 << 64) - 1).to_bytes(8, "big")
