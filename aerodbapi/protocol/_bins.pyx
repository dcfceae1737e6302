# cython: language_level=3, boundscheck=False, wraparound=False, binding=False
"""The bins of a record in a reply, compiled: `decode_bins` of bins.py to the letter."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_SetItem
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.particles import decode as decode_particle


cpdef Py_ssize_t decode_bins(bytes body, Py_ssize_t position, int n_ops, dict bins) except -1:
    """Put the values of `n_ops` operations into `bins`; return the offset behind them."""
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(body)
    cdef Py_ssize_t total = PyBytes_GET_SIZE(body)
    cdef Py_ssize_t begin, length
    cdef uint32_t size
    cdef int kind, name_length, _
    for _ in range(n_ops):
        if position + 8 > total:
            raise ProtocolError("a reply is cut off inside a bin")
        size = u32(data + position)
        kind = data[position + 5]
        name_length = data[position + 7]
        begin = position + 8 + name_length
        if position + 4 + <Py_ssize_t> size > total or begin > total:
            raise ProtocolError("a reply is cut off inside a bin")
        name = name_of(data + position + 8, name_length)
        position += 4 + <Py_ssize_t> size
        length = position - begin
        if length < 0:
            raise ProtocolError(f"an operation of {size} bytes does not fit its reply")
        if kind == 3:
            value = text(data + begin, length)
        elif kind == 1:
            if length != 8:
                raise ProtocolError(f"an integer of {length} bytes")
            value = <int64_t> u64(data + begin)
        elif kind == 2 and length == 8:
            value = f64(data + begin)
        else:
            value = decode_particle(kind, body[begin:position])
        PyDict_SetItem(bins, name, value)
    return position


cdef inline uint32_t u32(const unsigned char* at) noexcept:
    return (<uint32_t> at[0] << 24) | (<uint32_t> at[1] << 16) | (<uint32_t> at[2] << 8) | at[3]


cdef inline uint64_t u64(const unsigned char* at) noexcept:
    return (<uint64_t> u32(at) << 32) | u32(at + 4)


cdef inline double f64(const unsigned char* at) noexcept:
    cdef uint64_t raw = u64(at)
    cdef double value
    memcpy(&value, &raw, 8)
    return value


cdef object text(const unsigned char* at, Py_ssize_t length):
    try:
        return PyUnicode_DecodeUTF8(<const char*> at, length, NULL)
    except UnicodeDecodeError:
        return PyUnicode_DecodeUTF8(<const char*> at, length, "surrogateescape")


# Names of bins as they came before: replies repeat them. A slot keeps the last name of its hash.

cdef struct Slot:
    unsigned char size
    char text[15]

cdef Slot slots[256]
cdef list kept = [None] * 256


cdef object name_of(const unsigned char* at, int size):
    cdef uint32_t place = size
    cdef Slot* slot
    cdef int i
    if size > 15:
        return PyUnicode_DecodeUTF8(<const char*> at, size, "surrogateescape")
    for i in range(size):
        place = place * 31 + at[i]
    place &= 255
    slot = &slots[place]
    name = kept[place]
    if name is not None and slot.size == size and memcmp(slot.text, at, size) == 0:
        return name
    name = PyUnicode_DecodeUTF8(<const char*> at, size, "surrogateescape")
    slot.size = size
    memcpy(slot.text, at, size)
    kept[place] = name
    return name
