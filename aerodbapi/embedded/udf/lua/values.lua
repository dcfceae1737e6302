-- Values: what lists, maps, bytes, geojson and records are to Lua programs, and how they are made.
--
-- A *store* is the value itself: a plain table with a `kind`. A *box* is what a program holds: an
-- empty table with the class' metatable whose only entry, under a key that nobody else has,
-- is the store. Every read of a nested value gives a new box of the same store, so two boxes
-- are never equal, as two userdata of a server never are. Numbers, strings and booleans are
-- themselves; NIL is the nil that a list or map holds.

local P = ...

local getinfo, error, rawget, setmetatable = debug.getinfo, error, rawget, setmetatable
local rawtype, select, tonumber, tostring = type, select, tonumber, tostring
local find, sub, format = string.find, string.sub, string.format
local mathtype, tointeger = math.type, math.tointeger

local STORE = {}
local NIL = { kind = "nil" }
P.NIL = NIL

P.LIST, P.MAP, P.BYTES, P.GEOJSON, P.RECORD = "List", "Map", "Bytes", "GeoJSON", "Record"

-- Class name → metatable of its boxes.
local classes = {}
P.classes = classes

-- Makes a class; what its boxes do not do, they refuse as userdata do.
function P.class(name)
  local function refuse(what)
    return function()
      error(format("attempt to %s a %s value", what, name), 2)
    end
  end
  local metatable = {
    __name = name,
    __index = refuse("index"),
    __newindex = refuse("index"),
    __len = refuse("get length of"),
  }
  classes[name] = metatable
  return metatable
end

function P.box(store)
  return setmetatable({ [STORE] = store }, classes[store.kind])
end
local box = P.box

-- The store in a box, or nil for anything else.
function P.store(value)
  if rawtype(value) == "table" then
    return rawget(value, STORE)
  end
end
local store_in = P.store

-- A string as C strings end: at the first zero byte.
local function text(s)
  local zero = find(s, "\0", 1, true)
  return zero and sub(s, 1, zero - 1) or s
end
P.text = text

-- Gives a value as programs see it.
function P.push(value)
  if rawtype(value) == "table" then
    if value == NIL then
      return nil
    end
    return box(value)
  end
  return value
end

-- Gives what lists, maps and bins keep; nil for what they cannot keep.
function P.take(value)
  local kind = rawtype(value)
  if kind == "table" then
    local store = rawget(value, STORE)
    -- Host objects (aerospike, streams, iterators) are no values.
    return store and classes[store.kind] and not store.host and store or nil
  elseif kind == "string" then
    return text(value)
  elseif kind == "nil" then
    return NIL
  elseif kind == "number" or kind == "boolean" then
    return value
  end
end

-- ---- errors as the C functions of a server word them ------------------------------------------

local function typename(value)
  local store = store_in(value)
  return store and store.kind or rawtype(value)
end

-- Function → its name, for when a tail call has left no trace of how it was called.
local names = {}
-- Those of them that are called as methods.
local methods = {}

function P.name_methods(functions)
  for key, value in pairs(functions) do
    names[value], methods[value] = key, true
  end
end

-- Makes a table of functions known under a global name; nobody gets at its metatable.
function P.library(name, functions, metatable)
  for key, value in pairs(functions) do
    names[value] = key
  end
  metatable.__metatable = functions
  _G[name] = setmetatable(functions, metatable)
end

-- Raises "bad argument" in the name of the function at `level` of the stack, at its caller's line.
local function bad(n, message, level)
  local info = getinfo(level, "nft")
  local name = info.name or (info.istailcall and names[info.func]) or "?"
  if info.namewhat == "method" or (info.istailcall and n > 1 and methods[info.func]) then
    n = n - 1
    if n == 0 then
      error(format("calling '%s' on bad self (%s)", name, message), level + 1)
    end
  end
  error(format("bad argument #%d to '%s' (%s)", n, name, message), level + 1)
end

function P.bad_argument(n, message)
  bad(n, message, 3)
end

-- (expected, n, ...): of all arguments `...` the nth is of a wrong type.
function P.bad_type(expected, n, ...)
  local got = n > select("#", ...) and "no value" or typename((select(n, ...)))
  bad(n, expected .. " expected, got " .. got, 3)
end

-- As bad_type, where the object of a class is wanted.
function P.bad_object(class, n, ...)
  local none = n > select("#", ...)
  local got = none and "no value" or typename((select(n, ...)))
  local expected = store_in((select(n, ...))) and class or "userdata"
  bad(n, expected .. " expected, got " .. got, 3)
end

local function bad_integer(n, value)
  if tonumber(value) and rawtype(value) ~= "table" then
    bad(n, "number has no integer representation", 4)
  end
  bad(n, "number expected, got " .. typename(value), 4)
end

-- An optional integer argument: nil gives the default.
function P.integer(value, n, default)
  if mathtype(value) == "integer" then
    return value
  elseif value == nil then
    return default
  end
  local kind = rawtype(value)
  local found = kind == "number" and tointeger(value)
    or kind == "string" and tonumber(value) and tointeger(tonumber(value))
  return found or bad_integer(n, value)
end

-- An optional string argument; numbers are written out.
function P.string(value, n)
  local kind = rawtype(value)
  if kind == "string" then
    return text(value)
  elseif kind == "number" then
    return tostring(value)
  elseif kind ~= "nil" then
    bad(n, "string expected, got " .. typename(value), 3)
  end
end

-- ---- iterators ---------------------------------------------------------------------------------

-- Makes an iterator: `has(at)` tells whether there is a value at a position, `give(at)` gives it.
-- `of_pairs`: what iterator.next gives is a pair, of which programs can make nothing.
function P.new_iterator(has, give, of_pairs)
  return box({ kind = "Iterator", host = true, at = 1, has = has, give = give, of_pairs = of_pairs })
end

-- Gives an iterator's next value (or values), nothing at the end.
function P.iterate(iterator)
  local store = store_in(iterator)
  local at = store.at
  if store.has(at) then
    store.at = at + 1
    return store.give(at)
  end
end

local iterator = {}

function iterator.has_next(...)
  local store = store_in((...))
  if not store or store.kind ~= "Iterator" then
    P.bad_object("Iterator", 1, ...)
  end
  return store.has(store.at)
end

function iterator.next(...)
  local store = store_in((...))
  if not store or store.kind ~= "Iterator" then
    P.bad_object("Iterator", 1, ...)
  end
  local value = P.iterate(...)
  if store.of_pairs and value ~= nil then
    return box({ kind = "Pair", host = true })
  end
  return value
end

P.library("iterator", iterator, {
  -- It gets this table first, and so, as on a server, always refuses.
  __call = function(...)
    P.bad_object("Iterator", 1, ...)
  end,
})
P.class("Pair")
local iterator_class = P.class("Iterator")
iterator_class.__index = { has_next = iterator.has_next, next = iterator.next }
iterator_class.__metatable = iterator_class.__index
_G.Iterator = iterator_class.__index

-- ---- order ------------------------------------------------------------------------------------

local byte = string.byte

-- Tells whether a comes before b, byte by byte; `<` does so only in the C locale.
local function bytes_before(a, b)
  local shorter = #a < #b and #a or #b
  for at = 1, shorter do
    local x, y = byte(a, at), byte(b, at)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

-- Gives what table.sort needs to sort strings byte by byte in the process' locale: nothing in C.
local setlocale = os.setlocale
function P.string_order()
  if setlocale(nil, "collate") ~= "C" then
    return bytes_before
  end
end

local function plain_before(a, b)
  return a < b
end

local ranks = {
  ["nil"] = 1,
  boolean = 2,
  integer = 3,
  string = 4,
  List = 5,
  Map = 6,
  Bytes = 7,
  float = 8,
  GeoJSON = 9,
}

local function rank(value)
  local kind = rawtype(value)
  if kind == "table" then
    return ranks[value.kind]
  end
  return ranks[kind == "number" and mathtype(value) or kind]
end

local compare

local function compare_lists(a, b)
  for i = 1, a.n < b.n and a.n or b.n do
    local found = compare(a[i], b[i])
    if found ~= 0 then
      return found
    end
  end
  return a.n - b.n
end

local function compare_maps(a, b)
  if a.n ~= b.n then
    return a.n - b.n
  end
  local of_a, of_b = P.sorted_keys(a), P.sorted_keys(b)
  for i = 1, a.n do
    local found = compare(P.key_value(a, of_a[i]), P.key_value(b, of_b[i]))
    if found == 0 then
      found = compare(a.values[of_a[i]], b.values[of_b[i]])
    end
    if found ~= 0 then
      return found
    end
  end
  return 0
end

-- Compares two values in the total order of lists and maps: below, at or above zero.
function compare(a, b)
  local of_a, of_b = rank(a), rank(b)
  if of_a ~= of_b then
    return of_a - of_b
  elseif of_a == ranks.List then
    return compare_lists(a, b)
  elseif of_a == ranks.Map then
    return compare_maps(a, b)
  elseif of_a == ranks["nil"] then
    return 0
  elseif of_a == ranks.boolean then
    return a == b and 0 or a and 1 or -1
  end
  local before = plain_before
  if of_a == ranks.string then
    before = P.string_order() or before
  elseif of_a == ranks.Bytes or of_a == ranks.GeoJSON then
    a, b, before = a.data, b.data, P.string_order() or before
  end
  return before(a, b) and -1 or before(b, a) and 1 or 0
end
P.compare = compare

-- ---- text -------------------------------------------------------------------------------------

local gsub, concat, ipairs = string.gsub, table.concat, ipairs
local describe

local function describe_map(map)
  local parts = {}
  for _, key in ipairs(P.sorted_keys(map)) do
    local left, right = describe(P.key_value(map, key)), describe(map.values[key])
    if not left or not right then
      break -- an empty blob has no text, and a map's text ends before it
    end
    parts[#parts + 1] = left .. ":" .. right
  end
  return "{" .. concat(parts, ", ") .. "}"
end

local describers = {
  ["nil"] = function()
    return "NIL"
  end,
  List = function(list)
    local parts = {}
    for i = 1, list.n do
      parts[i] = describe(list[i]) or "<NULL>"
    end
    return "[" .. concat(parts, ", ") .. "]"
  end,
  Map = describe_map,
  Bytes = function(bytes)
    if bytes.data ~= "" then
      return sub(gsub(bytes.data, ".", function(c)
        return format("%02X ", byte(c))
      end), 1, -2)
    end
  end,
  GeoJSON = function(geojson)
    return '"' .. geojson.data .. '"'
  end,
  Record = function()
    return "[ REC ]"
  end,
}

-- Gives a value's text within the text of a list or map; nil when it has none.
function describe(value)
  local kind = rawtype(value)
  if kind == "table" then
    return describers[value.kind](value)
  elseif kind == "string" then
    return '"' .. value .. '"'
  elseif mathtype(value) == "float" then
    return format("%.16g", value)
  end
  return tostring(value)
end
P.describe = describe
