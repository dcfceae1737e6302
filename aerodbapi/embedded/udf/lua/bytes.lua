-- The bytes and geojson classes, and the globals `bytes` and `geojson` with their functions.
--
-- Positions count from 1. Functions of bytes look at the number of their arguments first, and
-- answer false, 0 or nothing where it or a value is wrong.

local P = ...

local rawtype, select, error = type, select, error
local unpack, pack, sub, byte, char, rep = string.unpack, string.pack, string.sub, string.byte, string.char, string.rep
local BYTES, GEOJSON = P.BYTES, P.GEOJSON
local store_in, box = P.store, P.box
local integer, bad_object = P.integer, P.bad_object

local BLOB_TYPE <const> = 4
local UINT32 <const> = 0xffffffff
local INT32_MIN <const>, INT32_MAX <const> = -0x80000000, 0x7fffffff

local function bytes_in(value)
  local store = store_in(value)
  return store and store.kind == BYTES and store
end

local function new_bytes(data)
  return box({ kind = BYTES, type = BLOB_TYPE, data = data, capacity = #data })
end
P.new_bytes = new_bytes

-- Writes at a position, over what is there; a gap before it becomes zeros.
local function put(store, at, content)
  if content == "" and at > #store.data then
    return
  end
  local data, after = store.data, at + #content
  if at - 1 > #data then
    data = data .. rep("\0", at - 1 - #data)
  end
  store.data = sub(data, 1, at - 1) .. content .. sub(data, after)
  if #store.data > store.capacity then
    store.capacity = #store.data
  end
end

local bytes = {}

function bytes.size(...)
  if select("#", ...) ~= 1 then
    return 0
  end
  local store = bytes_in((...)) or bad_object(BYTES, 1, ...)
  return #store.data
end

-- Tells whether the bytes have room for so many, without making any.
function bytes.set_size(...)
  if select("#", ...) ~= 2 then
    return false
  end
  local b, size = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  size = integer(size, 2, 0)
  return size >= 0 and size <= store.capacity
end

function bytes.get_type(...)
  if select("#", ...) < 1 then
    return
  end
  local store = bytes_in((...)) or bad_object(BYTES, 1, ...)
  return store.type
end

function bytes.set_type(...)
  if select("#", ...) ~= 2 then
    return false
  end
  local b, kind = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  kind = integer(kind, 2, 0)
  if kind == 0 then
    return false
  end
  store.type = kind
  return true
end

function bytes.tostring(...)
  if select("#", ...) ~= 1 then
    return 0
  end
  local store = bytes_in((...)) or bad_object(BYTES, 1, ...)
  return P.describe(store) or "Bytes()"
end

-- ---- numbers of a fixed size ------------------------------------------------------------------

-- Adds get_, set_ and append_ of a layout whose values lie from `low` to `high`.
local function add_number(name, layout, low, high)
  local size = string.packsize(layout)
  bytes["get_" .. name] = function(...)
    if select("#", ...) ~= 2 then
      return
    end
    local b, at = ...
    local store = bytes_in(b) or bad_object(BYTES, 1, ...)
    at = integer(at, 2, 0)
    if at >= 1 and at <= UINT32 and at + size - 1 <= #store.data then
      return (unpack(layout, store.data, at))
    end
  end
  bytes["set_" .. name] = function(...)
    if select("#", ...) ~= 3 then
      return false
    end
    local b, at, value = ...
    local store = bytes_in(b) or bad_object(BYTES, 1, ...)
    at, value = integer(at, 2, 0), integer(value, 3, 0)
    if at < 1 or at > UINT32 or value < low or value > high then
      return false
    end
    put(store, at, pack(layout, value))
    return true
  end
  bytes["append_" .. name] = function(...)
    if select("#", ...) ~= 2 then
      return false
    end
    local b, value = ...
    local store = bytes_in(b) or bad_object(BYTES, 1, ...)
    value = integer(value, 2, 0)
    if value < low or value > high then
      return false
    end
    put(store, #store.data + 1, pack(layout, value))
    return true
  end
end

add_number("byte", "B", 0, 255)
for bits, limits in pairs({
  [16] = { -0x8000, 0x7fff },
  [32] = { INT32_MIN, INT32_MAX },
  [64] = { math.mininteger, math.maxinteger },
}) do
  local layout = "i" .. bits // 8
  add_number("int" .. bits, ">" .. layout, limits[1], limits[2])
  add_number("int" .. bits .. "_be", ">" .. layout, limits[1], limits[2])
  add_number("int" .. bits .. "_le", "<" .. layout, limits[1], limits[2])
end

-- ---- integers of seven bits a byte ------------------------------------------------------------

local function pack_var_int(value)
  value = value & UINT32
  local out = ""
  while value >= 0x80 do
    out = out .. char(value & 0x7f | 0x80)
    value = value >> 7
  end
  return out .. char(value)
end

-- Writes over what is there, and, as a server has it, nothing behind the end: also appending
-- only makes room.
local function put_var_int(store, at, value)
  if value < INT32_MIN or value > INT32_MAX then
    return 0
  end
  local packed = pack_var_int(value)
  if at + 4 > store.capacity then
    store.capacity = at + 4
  end
  put(store, at, sub(packed, 1, #store.data - at + 1 > 0 and #store.data - at + 1 or 0))
  return #packed
end

function bytes.append_var_int(...)
  if select("#", ...) ~= 2 then
    return 0
  end
  local b, value = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  return put_var_int(store, #store.data + 1, integer(value, 2, 0))
end

function bytes.set_var_int(...)
  if select("#", ...) ~= 3 then
    return 0
  end
  local b, at, value = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  at, value = integer(at, 2, 0), integer(value, 3, 0)
  if at < 1 or at > UINT32 then
    return 0
  end
  return put_var_int(store, at, value)
end

-- Gives the number and how many bytes it took.
function bytes.get_var_int(...)
  if select("#", ...) ~= 2 then
    return
  end
  local b, at = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  at = integer(at, 2, 0)
  if at < 1 or at > UINT32 then
    return
  end
  local value, size = 0, 0
  repeat
    local found = byte(store.data, at + size) or 0
    value = value | (found & 0x7f) << 7 * size
    size = size + 1
  until found < 0x80 or size == 5
  return value & UINT32, size
end

-- ---- strings and bytes ------------------------------------------------------------------------

local function string_of(value, n)
  if rawtype(value) == "string" then
    return value
  end
  return P.string(value, n)
end

function bytes.append_string(...)
  if select("#", ...) ~= 2 then
    return false
  end
  local b, value = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  local content = string_of(value, 2)
  if not content or content == "" then
    return false
  end
  put(store, #store.data + 1, content)
  return true
end

function bytes.set_string(...)
  if select("#", ...) ~= 3 then
    return false
  end
  local b, at, value = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  at = integer(at, 2, 0)
  local content = string_of(value, 3)
  if at < 1 or at > UINT32 or not content then
    return false
  end
  put(store, at, content)
  return true
end

function bytes.append_bytes(...)
  if select("#", ...) ~= 3 then
    return false
  end
  local b, value, n = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  local from = bytes_in(value) or bad_object(BYTES, 2, ...)
  n = integer(n, 3, 0)
  if n < 0 or n > UINT32 then
    return false
  end
  put(store, #store.data + 1, sub(from.data, 1, n))
  return true
end

function bytes.set_bytes(...)
  if select("#", ...) ~= 4 then
    return false
  end
  local b, at, value, n = ...
  local store = bytes_in(b) or bad_object(BYTES, 1, ...)
  at = integer(at, 2, 0)
  local from = bytes_in(value) or bad_object(BYTES, 3, ...)
  n = integer(n, 4, 0)
  if at < 1 or at > UINT32 or n < 0 or n > UINT32 then
    return false
  end
  put(store, at, sub(from.data, 1, n))
  return true
end

-- Adds a function that gives what is there of `n` bytes from a position, where a server reads
-- past the end.
local function add_slice(name, result)
  bytes[name] = function(...)
    if select("#", ...) ~= 3 then
      return
    end
    local b, at, n = ...
    local store = bytes_in(b) or bad_object(BYTES, 1, ...)
    at, n = integer(at, 2, 0), integer(n, 3, 0)
    if at >= 1 and at <= UINT32 and n >= 0 and n <= UINT32 then
      return result(sub(store.data, at, at + n - 1))
    end
  end
end

add_slice("get_string", function(content)
  return content
end)
add_slice("get_bytes", new_bytes)

-- bytes(), bytes(capacity)
local function construct(_, ...)
  local n = select("#", ...)
  if n > 1 then
    return
  end
  local capacity = integer((...), 2, 0) & UINT32
  return box({ kind = BYTES, type = BLOB_TYPE, data = "", capacity = capacity })
end

local class = P.class(BYTES)
class.__index = bytes.get_byte
class.__newindex = bytes.set_byte
class.__tostring = bytes.tostring
-- #b calls this with two arguments, and so, as on a server, gives 0.
class.__len = bytes.size

bytes.tostring = nil -- only tostring(b) gives the text
P.library("bytes", bytes, { __call = construct })

-- ---- geojson ----------------------------------------------------------------------------------

local function new_geojson(_, ...)
  if select("#", ...) ~= 1 then
    return
  end
  local content = P.string((...), 2)
  return content and box({ kind = GEOJSON, data = content })
end

P.library("geojson", {}, { __call = new_geojson })

local geojson_class = P.class(GEOJSON)
function geojson_class.__tostring(g)
  return P.describe(store_in(g))
end
