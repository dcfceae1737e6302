-- The map class, and the global `map` with its functions.
--
-- Keys are integers, strings and blobs. In a store each has a *name*: integers and strings
-- themselves, for blobs a string that no other key is (strings end before their first zero
-- byte). `names` are all names, sorted as soon as somebody asks for an order.

local P = ...

local rawtype, mathtype, next, select = type, math.type, next, select
local sub, sort, move, remove = string.sub, table.sort, table.move, table.remove
local MAP, BYTES, NIL = P.MAP, P.BYTES, P.NIL
local store_in, box, push, take = P.store, P.box, P.push, P.take
local integer, bad_object = P.integer, P.bad_object

local BLOB_PREFIX <const> = "\0blob"
local BLOB_TYPE <const> = 4

function P.new_map(flags)
  return { kind = MAP, flags = flags, n = 0, values = {}, names = {}, sorted = true }
end
local new_map = P.new_map

local function map_in(value)
  local store = store_in(value)
  return store and store.kind == MAP and store
end

-- Gives a key's name, or nil for what cannot be a key.
local function name_of(key)
  local kind = rawtype(key)
  if kind == "string" or (kind == "number" and mathtype(key) == "integer") then
    return key
  elseif kind == "table" and key.kind == BYTES and key.type == BLOB_TYPE then
    return BLOB_PREFIX .. key.data
  end
end

local function is_blob(name)
  return sub(name, 1, 1) == "\0"
end

-- Gives the key that a name stands for.
function P.key_value(_, name)
  if rawtype(name) == "string" and is_blob(name) then
    local data = sub(name, #BLOB_PREFIX + 1)
    return { kind = BYTES, type = BLOB_TYPE, data = data, capacity = #data }
  end
  return name
end
local key_value = P.key_value

local function name_order()
  local before = P.string_order() or function(a, b)
    return a < b
  end
  return function(a, b)
    local a_is_number, b_is_number = rawtype(a) == "number", rawtype(b) == "number"
    if a_is_number or b_is_number then
      return a_is_number and (not b_is_number or a < b)
    end
    local a_is_blob, b_is_blob = is_blob(a), is_blob(b)
    if a_is_blob ~= b_is_blob then
      return b_is_blob
    end
    return before(a, b)
  end
end

-- Sorts names kind by kind, so that the library compares most of them itself.
local function sort_names(names, n)
  local numbers, strings, blobs = {}, {}, {}
  for i = 1, n do
    local name = names[i]
    local kind = rawtype(name) == "number" and numbers or is_blob(name) and blobs or strings
    kind[#kind + 1] = name
  end
  local before = P.string_order()
  sort(numbers)
  sort(strings, before)
  sort(blobs, before)
  move(strings, 1, #strings, #numbers + 1, numbers)
  return move(blobs, 1, #blobs, #numbers + 1, numbers)
end

-- Gives the names of all keys in order; do not change them.
function P.sorted_keys(map)
  if not map.sorted then
    map.names = sort_names(map.names, map.n)
    map.sorted = true
  end
  return map.names
end
local sorted_keys = P.sorted_keys

-- Sets a key; false for what cannot be a key.
function P.map_set(map, key, value)
  local name = name_of(key)
  if name == nil then
    return false
  end
  if map.values[name] == nil then
    local n = map.n + 1
    map.names[n], map.n, map.sorted = name, n, n == 1
  end
  map.values[name] = value
  return true
end
local map_set = P.map_set

local function place_of(map, name)
  local names, before = sorted_keys(map), name_order()
  local low, high = 1, map.n
  while low < high do
    local middle = (low + high) // 2
    if before(names[middle], name) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function map_remove(map, key)
  local name = name_of(key)
  if name ~= nil and map.values[name] ~= nil then
    remove(map.names, place_of(map, name))
    map.values[name] = nil
    map.n = map.n - 1
  end
end

-- Gives a value to be kept in a map, or nil: records are none.
local function member(value)
  local taken = take(value)
  if rawtype(taken) ~= "table" or taken.kind ~= P.RECORD then
    return taken
  end
end

local map = {}

function map.new(...)
  if select("#", ...) ~= 1 or integer((...), 1, 0) < 1 then
    return
  end
  return box(new_map(0))
end

map.create = map.new

function map.size(...)
  local m = ...
  local store = map_in(m) or bad_object(MAP, 1, ...)
  return store.n
end

function map.nbytes(...)
  local m = ...
  local store = map_in(m) or bad_object(MAP, 1, ...)
  return #P.pack(store)
end

function map.tostring(...)
  local m = ...
  local store = map_in(m) or bad_object(MAP, 1, ...)
  return P.describe(store)
end

function map.remove(...)
  local m, key = ...
  local store = map_in(m) or bad_object(MAP, 1, ...)
  key = take(key)
  if key ~= nil then
    map_remove(store, key)
  end
end

-- Makes the function that starts an iteration; `give` chooses from (key, value).
local function iteration(give)
  local function next_pair(iterator)
    return P.iterate(iterator)
  end
  return function(...)
    local m = ...
    local store = map_in(m) or bad_object(MAP, 1, ...)
    sorted_keys(store)
    return next_pair,
      P.new_iterator(function(at)
        return at <= store.n
      end, function(at)
        local name = sorted_keys(store)[at]
        return give(push(key_value(store, name)), push(store.values[name]))
      end, true)
  end
end

map.pairs = iteration(function(key, value)
  return key, value
end)
map.iterator = map.pairs
map.keys = iteration(function(key)
  return key
end)
map.values = iteration(function(_, value)
  return value
end)

local function to_table(m)
  local values = {}
  for key, value in map.pairs(m) do
    values[key] = value
  end
  return values
end

function map.clone(m)
  return map(to_table(m))
end

-- `f` decides about keys that both have; without it, or when it gives nothing, the second wins.
function map.merge(m1, m2, f)
  local merged = to_table(m1)
  local combines = rawtype(f) == "function"
  for key, value in map.pairs(m2) do
    merged[key] = merged[key] and combines and f(m1[key], m2[key]) or value
  end
  return map(merged)
end

local function add_missing(values, from, other)
  for key, value in map.pairs(from) do
    if not other[key] then
      values[key] = value
    end
  end
end

function map.diff(m1, m2)
  local values = {}
  add_missing(values, m1, m2)
  add_missing(values, m2, m1)
  return map(values)
end

-- map(), map{…}, map({…}, capacity)
local function construct(_, ...)
  local pairs_of, capacity = ...
  integer(capacity, 3, 32)
  local made = new_map(0)
  local n = select("#", ...)
  if (n == 1 or n == 2) and rawtype(pairs_of) == "table" and not store_in(pairs_of) then
    for key, value in next, pairs_of do
      key, value = take(key), member(value)
      if key ~= nil and value ~= nil then
        map_set(made, key, value)
      end
    end
  end
  return box(made)
end

P.library("map", map, { __call = construct })

local class = P.class(MAP)
class.__len = map.size
class.__tostring = map.tostring

function class.__index(...)
  local m, key = ...
  local store = map_in(m) or bad_object(MAP, 1, ...)
  local name = name_of(take(key))
  if name ~= nil then
    return push(store.values[name])
  end
end

function class.__newindex(...)
  local m, key, value = ...
  local store = map_in(m) or bad_object(MAP, 1, ...)
  key = take(key)
  local taken = take(value)
  if key == nil then
    return
  elseif taken == nil then
    map_remove(store, key)
  elseif member(value) ~= nil then
    map_set(store, key, taken)
  end
end
