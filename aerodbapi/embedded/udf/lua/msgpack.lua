-- Values ⇄ the bytes that travel and are kept: packed lists and maps, and particles.
--
-- Strings, blobs and geojson carry a type byte before their content; an ordered list or map
-- begins with an ext element that has the flags (wire.md, "CDT values").

local P = ...

local unpack, pack, char, byte, sub = string.unpack, string.pack, string.char, string.byte, string.sub
local rawtype, mathtype, concat, error, pcall = type, math.type, table.concat, error, pcall
local ipairs, move, sort = ipairs, table.move, table.sort
local NIL, LIST, MAP, BYTES, GEOJSON = P.NIL, P.LIST, P.MAP, P.BYTES, P.GEOJSON
local text = P.text

local MAX_DEPTH <const> = 128
local STRING <const>, BLOB <const>, GEO <const> = 3, 4, 23 -- type bytes
local ORDERED <const>, KEY_VALUE_ORDERED <const> = 1, 3 -- flags of lists; of maps
local UNPACKABLE = {} -- what is raised about bytes that are no value

-- ---- reading ----------------------------------------------------------------------------------

local read

local function read_raw(s, at, size)
  if at + size - 1 > #s then
    error(UNPACKABLE)
  end
  local next_at = at + size
  if size == 0 then
    return { kind = BYTES, type = 0, data = "", capacity = 0 }, next_at
  end
  local kind, content = byte(s, at), sub(s, at + 1, next_at - 1)
  if kind == STRING then
    return text(content), next_at
  elseif kind == GEO then
    return { kind = GEOJSON, data = text(content) }, next_at
  end
  return { kind = BYTES, type = kind, data = content, capacity = #content }, next_at
end

-- Reads the ext element that may come first; gives its flags, or nil when there is none.
local function read_flags(s, at)
  local first = byte(s, at)
  if first == 0xc7 then
    local size = byte(s, at + 1)
    return byte(s, at + 2), at + 3 + size
  elseif first == 0xc8 then
    local size, flags = unpack(">I2B", s, at + 1)
    return flags, at + 4 + size
  elseif first == 0xc9 then
    local size, flags = unpack(">I4B", s, at + 1)
    return flags, at + 6 + size
  end
end

local function read_list(s, at, n, depth)
  local flags = 0
  if n > 0 then
    local found, after = read_flags(s, at)
    if found then
      flags, at, n = found & ORDERED, after, n - 1
    end
  end
  local list = { kind = LIST, n = n, flags = flags, capacity = n, step = 8 }
  for i = 1, n do
    list[i], at = read(s, at, depth)
  end
  return list, at
end

local function read_map(s, at, n, depth)
  local flags = 0
  if n > 0 then
    local found, after = read_flags(s, at)
    if found then
      -- The ext element is a key, and has a value.
      flags, n = found & KEY_VALUE_ORDERED, n - 1
      _, at = read(s, after, depth)
    end
  end
  local map = P.new_map(flags)
  for _ = 1, n do
    local key, value
    key, at = read(s, at, depth)
    value, at = read(s, at, depth)
    if not P.map_set(map, key, value) then
      error(UNPACKABLE)
    end
  end
  return map, at
end

local fixed = {
  [0xc0] = function(_, at)
    return NIL, at
  end,
  [0xc2] = function(_, at)
    return false, at
  end,
  [0xc3] = function(_, at)
    return true, at
  end,
}
for first, layout in pairs({
  [0xca] = ">f",
  [0xcb] = ">d",
  [0xcc] = ">I1",
  [0xcd] = ">I2",
  [0xce] = ">I4",
  [0xcf] = ">i8",
  [0xd0] = ">i1",
  [0xd1] = ">i2",
  [0xd2] = ">i4",
  [0xd3] = ">i8",
}) do
  fixed[first] = function(s, at)
    return unpack(layout, s, at)
  end
end
local function sized(reader, layout)
  return function(s, at, depth)
    local n
    n, at = unpack(layout, s, at)
    return reader(s, at, n, depth)
  end
end
fixed[0xc4], fixed[0xd9] = sized(read_raw, ">I1"), sized(read_raw, ">I1")
fixed[0xc5], fixed[0xda] = sized(read_raw, ">I2"), sized(read_raw, ">I2")
fixed[0xc6], fixed[0xdb] = sized(read_raw, ">I4"), sized(read_raw, ">I4")
fixed[0xdc], fixed[0xdd] = sized(read_list, ">I2"), sized(read_list, ">I4")
fixed[0xde], fixed[0xdf] = sized(read_map, ">I2"), sized(read_map, ">I4")

function read(s, at, depth)
  local first = byte(s, at)
  if not first or depth > MAX_DEPTH then
    error(UNPACKABLE)
  end
  at, depth = at + 1, depth + 1
  if first < 0x80 then
    return first, at
  elseif first >= 0xe0 then
    return first - 256, at
  elseif first < 0x90 then
    return read_map(s, at, first & 15, depth)
  elseif first < 0xa0 then
    return read_list(s, at, first & 15, depth)
  elseif first < 0xc0 then
    return read_raw(s, at, first & 31)
  end
  local reader = fixed[first]
  if not reader then
    error(UNPACKABLE)
  end
  return reader(s, at, depth)
end

-- Unpacks a list or map; nil for bytes that are none, which is what programs then see.
function P.unpack(s)
  local good, value = pcall(read, s, 1, 0)
  return good and value or nil
end

-- ---- writing ----------------------------------------------------------------------------------

local function pack_integer(value)
  if value >= 0 then
    if value < 0x80 then
      return char(value)
    elseif value < 0x100 then
      return pack(">BB", 0xcc, value)
    elseif value < 0x10000 then
      return pack(">BI2", 0xcd, value)
    elseif value < 0x100000000 then
      return pack(">BI4", 0xce, value)
    end
    return pack(">Bi8", 0xcf, value)
  elseif value >= -32 then
    return char(256 + value)
  elseif value >= -0x80 then
    return pack(">Bi1", 0xd0, value)
  elseif value >= -0x8000 then
    return pack(">Bi2", 0xd1, value)
  elseif value >= -0x80000000 then
    return pack(">Bi4", 0xd2, value)
  end
  return pack(">Bi8", 0xd3, value)
end

local function raw_header(size)
  if size < 32 then
    return char(0xa0 | size)
  elseif size < 0x100 then
    return char(0xd9, size)
  elseif size < 0x10000 then
    return pack(">BI2", 0xda, size)
  end
  return pack(">BI4", 0xdb, size)
end

local function pack_raw(kind, content)
  return raw_header(#content + 1) .. char(kind) .. content
end

local function header(n, small, wide, widest)
  if n < 16 then
    return char(small | n)
  elseif n < 0x10000 then
    return pack(">BI2", wide, n)
  end
  return pack(">BI4", widest, n)
end

local write

-- Elements of an ordered list that programs have put out of order are sorted.
local function in_order(list)
  for i = 2, list.n do
    if P.compare(list[i - 1], list[i]) > 0 then
      local sorted = move(list, 1, list.n, 1, {})
      sort(sorted, function(a, b)
        return P.compare(a, b) < 0
      end)
      return sorted
    end
  end
  return list
end

local function write_list(list, out, depth, kept)
  local elements = list
  if kept and list.flags ~= 0 then
    out[#out + 1] = header(list.n + 1, 0x90, 0xdc, 0xdd) .. char(0xc7, 0, list.flags)
    elements = in_order(list)
  else
    out[#out + 1] = header(list.n, 0x90, 0xdc, 0xdd)
  end
  for i = 1, list.n do
    write(elements[i], out, depth, kept)
  end
end

local function write_map(map, out, depth, kept)
  if map.flags ~= 0 then
    out[#out + 1] = header(map.n + 1, 0x80, 0xde, 0xdf) .. char(0xc7, 0, map.flags, 0xc0)
  else
    out[#out + 1] = header(map.n, 0x80, 0xde, 0xdf)
  end
  for _, key in ipairs(P.sorted_keys(map)) do
    write(P.key_value(map, key), out, depth, kept)
    write(map.values[key], out, depth, kept)
  end
end

local writers = {
  [LIST] = write_list,
  [MAP] = write_map,
  [BYTES] = function(bytes, out)
    out[#out + 1] = pack_raw(bytes.type & 0xff, bytes.data)
  end,
  [GEOJSON] = function(geojson, out)
    out[#out + 1] = pack_raw(GEO, geojson.data)
  end,
  [NIL.kind] = function(_, out)
    out[#out + 1] = "\xc0"
  end,
}

function write(value, out, depth, kept)
  local kind = rawtype(value)
  if kind == "string" then
    out[#out + 1] = pack_raw(STRING, value)
  elseif kind == "table" then
    if depth > MAX_DEPTH then
      error("a list or map is nested too deeply, or holds itself", 0)
    end
    writers[value.kind](value, out, depth + 1, kept)
  elseif kind == "boolean" then
    out[#out + 1] = value and "\xc3" or "\xc2"
  elseif mathtype(value) == "integer" then
    out[#out + 1] = pack_integer(value)
  else
    out[#out + 1] = pack(">Bd", 0xcb, value)
  end
end

-- Packs a value; `kept`: as in a bin, where lists have their order, rather than for a client.
function P.pack(value, kept)
  local out = {}
  write(value, out, 0, kept)
  return concat(out)
end

-- ---- particles --------------------------------------------------------------------------------

local NULL <const>, INTEGER <const>, DOUBLE <const> = 0, 1, 2
local BOOL <const>, HLL <const>, MAP_TYPE <const>, LIST_TYPE <const> = 17, 18, 19, 20

local from_particle = {
  [INTEGER] = function(data)
    return (unpack(">i8", data))
  end,
  [DOUBLE] = function(data)
    return (unpack(">d", data))
  end,
  [STRING] = text,
  [BOOL] = function(data)
    return byte(data) ~= 0
  end,
  [MAP_TYPE] = P.unpack,
  [LIST_TYPE] = P.unpack,
  [GEO] = function(data)
    return { kind = GEOJSON, data = text(sub(data, 4 + 8 * unpack(">I2", data, 2))) }
  end,
}
for _, kind in ipairs({ BLOB, 7, 8, 9, 10, 11, 12, HLL }) do
  from_particle[kind] = function(data)
    return { kind = BYTES, type = kind, data = data, capacity = #data }
  end
end

-- Gives a particle's value; nil when it has none.
function P.from_particle(kind, data)
  local reader = from_particle[kind]
  return reader and reader(data)
end

local particle_types = { [LIST] = LIST_TYPE, [MAP] = MAP_TYPE, [GEOJSON] = GEO, [BYTES] = BLOB }
-- Types of bytes that a bin keeps; of others it becomes a blob.
local kept_types = { [3] = 3, [7] = 7, [8] = 8, [9] = 9, [10] = 10, [11] = 11, [12] = 12, [18] = 18 }

-- Gives (type, data) of a value; type 0 for what no particle holds. `kept` as in P.pack.
function P.to_particle(value, kept)
  local kind = rawtype(value)
  if kind == "string" then
    return STRING, value
  elseif kind == "boolean" then
    return BOOL, value and "\1" or "\0"
  elseif kind == "number" then
    if mathtype(value) == "integer" then
      return INTEGER, pack(">i8", value)
    end
    return DOUBLE, pack(">d", value)
  elseif kind ~= "table" or not particle_types[value.kind] then
    return NULL, ""
  elseif value.kind == BYTES then
    return kept and kept_types[value.type] or BLOB, value.data
  elseif value.kind == GEOJSON then
    return GEO, "\0\0\0" .. value.data
  end
  return particle_types[value.kind], P.pack(value, kept)
end
