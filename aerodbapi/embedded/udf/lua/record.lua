-- Records: the record class, the global `record`, and the `aerospike` object that writes them.
--
-- A record's store has the stored bins as particles in stored order (`names`, `particles`), and
-- the values that the program has read or set (`cache`), as the server's udf_record does: a
-- value that is set reaches the bins when aerospike:create or :update is called, and the record
-- only when the whole program succeeds (server source: udf_record.c, udf_aerospike.c).

local P = ...

local unpack, pack, sub = string.unpack, string.pack, string.sub
local rawtype, concat, move, error, format = type, table.concat, table.move, error, string.format
local RECORD, NIL = P.RECORD, P.NIL
local store_in, box, push, take = P.store, P.box, P.push, P.take
local integer, bad_object = P.integer, P.bad_object

local MAX_NAME <const> = 15 -- bytes
local MAX_BINS <const>, MAX_UPDATES <const> = 512, 1024 -- of a record that a program works on
local GEOJSON_TYPE <const>, NULL_TYPE <const> = 23, 0
local OK <const>, INCOMPATIBLE_TYPE <const>, BIN_NAME <const> = 0, 12, 21

local function no_bins(store)
  store.names, store.particles, store.n_bins = {}, {}, 0
end

-- Unpacks the bins: a run of operations (size, op, type, 0, name's size; name; value).
local function load_bins(store)
  if store.names then
    return true
  elseif store.stored_bins > MAX_BINS then
    return false
  end
  no_bins(store)
  local packed, at = store.packed, 1
  for i = 1, store.stored_bins do
    local size, _, kind, _, name_size = unpack(">I4BBBB", packed, at)
    local name = sub(packed, at + 8, at + 7 + name_size)
    local data = sub(packed, at + 8 + name_size, at + 3 + size)
    store.names[i], store.particles[name] = name, { kind, data }
    at = at + 4 + size
  end
  store.n_bins = store.stored_bins
  return true
end

-- Makes the store of a record. `is_open`: whether it exists; `writable`: not within a stream.
function P.new_record(fields)
  fields.kind = RECORD
  fields.cache, fields.updates, fields.n_updates, fields.n_inserts = {}, {}, 0, 0
  fields.result_code, fields.has_updates = OK, false
  fields.device_size = 0 -- all is in memory
  return fields
end

-- ---- cached values ----------------------------------------------------------------------------

local function forget_cache(store)
  store.cache, store.updates, store.n_updates, store.n_inserts = {}, {}, 0, 0
  store.too_many = false
end

local function is_value(value)
  return value ~= nil and value ~= NIL
end

-- Remembers a bin's value; `dirty` when it was set rather than read.
local function remember(store, name, value, dirty)
  if store.too_many then
    return
  end
  local entry = store.cache[name]
  if entry then
    if is_value(entry.value) then
      store.n_inserts = store.n_inserts - 1
    end
    entry.value, entry.dirty = value, dirty
  elseif store.n_updates >= MAX_UPDATES or (is_value(value) and store.n_inserts >= MAX_BINS) then
    store.too_many = true
    return
  else
    entry = { name = name, value = value, dirty = dirty }
    store.cache[name], store.n_updates = entry, store.n_updates + 1
    store.updates[store.n_updates] = entry
  end
  if is_value(value) then
    store.n_inserts = store.n_inserts + 1
  end
end

local function read_bin(store, name)
  if #name > MAX_NAME then
    return nil
  end
  local entry = store.cache[name]
  if entry and entry.value ~= nil then
    return entry.value
  elseif not store.is_open or not load_bins(store) then
    return nil
  end
  local particle = store.particles[name]
  local value = particle and P.from_particle(particle[1], particle[2])
  if value ~= nil then
    remember(store, name, value, false)
  end
  return value
end

-- ---- writing ----------------------------------------------------------------------------------

-- Removes a bin; the last one takes its place.
local function delete_bin(store, name)
  if not store.particles[name] then
    return
  end
  local names, n = store.names, store.n_bins
  for i = 1, n do
    if names[i] == name then
      names[i] = names[n]
      break
    end
  end
  names[n], store.particles[name], store.n_bins = nil, nil, n - 1
end

-- Gives a result code.
local function set_bin(store, name, value)
  local kind, data = P.to_particle(value, true)
  if kind == NULL_TYPE then
    return INCOMPATIBLE_TYPE
  end
  if not store.particles[name] then
    if store.n_bins == MAX_BINS then
      return BIN_NAME
    end
    store.n_bins = store.n_bins + 1
    store.names[store.n_bins] = name
  end
  store.particles[name] = { kind, data }
  store.has_geojson = store.has_geojson or kind == GEOJSON_TYPE
  return OK
end

-- Takes back everything that the program has written to the record so far.
local function fail(store, result_code)
  store.result_code, store.has_updates = result_code, false
  store.names = nil
  if store.stored_bins == 0 or not load_bins(store) then
    no_bins(store)
  end
  forget_cache(store)
  return -1
end

-- Brings what was set into the bins: 0, or -1 when it cannot be.
local function flush(store)
  if store.too_many then
    return fail(store, BIN_NAME)
  end
  local updates, i = store.updates, 1
  while i <= store.n_updates do
    local entry = updates[i]
    if entry.dirty and not is_value(entry.value) then
      delete_bin(store, entry.name)
      -- The last one takes its place, and is looked at next.
      updates[i], updates[store.n_updates] = updates[store.n_updates], nil
      store.n_updates = store.n_updates - 1
      store.cache[entry.name] = nil
    else
      if entry.dirty then
        local code = set_bin(store, entry.name, entry.value)
        if code ~= OK then
          return fail(store, code)
        end
        entry.dirty = false
      end
      i = i + 1
    end
  end
  store.result_code, store.has_updates = OK, true
  return 0
end

-- Packs the bins as they came.
function P.pack_bins(store)
  local out = {}
  for i = 1, store.n_bins do
    local name = store.names[i]
    local particle = store.particles[name]
    local data = particle[2]
    out[i] = pack(">I4BBBB", 4 + #name + #data, 1, particle[1], 0, #name) .. name .. data
  end
  return concat(out)
end

-- ---- record -----------------------------------------------------------------------------------

local function record_in(value)
  local store = store_in(value)
  return store and store.kind == RECORD and store
end

local record = {}

-- Adds a function that gives a field of records that exist, and `missing` of others.
local function add_field(name, missing)
  record[name] = function(...)
    local store = record_in((...)) or bad_object(RECORD, 1, ...)
    if store.is_open then
      return store[name]
    end
    return missing
  end
end

add_field("ttl", 0)
add_field("gen", 0)
add_field("last_update_time", 0)
add_field("device_size", 0)
add_field("setname", nil)

function record.size(...)
  local store = record_in((...)) or bad_object(RECORD, 1, ...)
  return store.is_open and P.host_size() or 0
end

record.memory_size = record.size

function record.key(...)
  local store = record_in((...)) or bad_object(RECORD, 1, ...)
  if store.is_open and store.key and load_bins(store) then
    return push(P.from_particle(store.key_type, store.key))
  end
  return nil
end

function record.digest(...)
  local store = record_in((...)) or bad_object(RECORD, 1, ...)
  return P.new_bytes(store.digest)
end

function record.numbins(...)
  local store = record_in((...)) or bad_object(RECORD, 1, ...)
  return store.is_open and load_bins(store) and store.n_bins or 0
end

function record.bin_names(...)
  local store = record_in((...)) or bad_object(RECORD, 1, ...)
  if not store.is_open or not load_bins(store) then
    error("can't get bin names", 2)
  end
  return move(store.names, 1, store.n_bins, 1, {})
end

function record.set_ttl(...)
  local r, ttl = ...
  local store = record_in(r) or bad_object(RECORD, 1, ...)
  ttl = integer(ttl, 2, 0)
  if store.writable then
    store.new_ttl = ttl & 0xffffffff
  end
end

function record.drop_key(...)
  local store = record_in((...)) or bad_object(RECORD, 1, ...)
  if store.writable and store.is_open and load_bins(store) then
    store.drops_key, store.key = true, nil
  end
end

P.library("record", record, {})

local class = P.class(RECORD)

function class.__index(...)
  local r, name = ...
  local store = record_in(r) or bad_object(RECORD, 1, ...)
  name = P.string(name, 2)
  if name then
    return push(read_bin(store, name))
  end
end

function class.__newindex(...)
  local r, name, value = ...
  local store = record_in(r) or bad_object(RECORD, 1, ...)
  name = P.string(name, 2)
  if name then
    local taken = take(value)
    if taken == nil then
      error(format("can't set bin %s to unsupported type", name), 2)
    elseif store.writable and #name <= MAX_NAME then
      remember(store, name, taken, true)
    end
  end
end

-- ---- aerospike --------------------------------------------------------------------------------

local function create(store)
  if store.is_open then
    if not load_bins(store) or store.n_bins ~= 0 then
      return 1
    end
    return flush(store)
  end
  no_bins(store)
  local result = flush(store)
  store.is_open = result == 0
  return result
end

local function update(store)
  if not store.is_open or not load_bins(store) then
    return -2
  end
  return flush(store)
end

local function remove(store)
  if not store.is_open or not load_bins(store) then
    return 1
  end
  forget_cache(store)
  for i = 1, store.n_bins do
    remember(store, store.names[i], nil, true)
  end
  return flush(store)
end

local aerospike = {}

-- Adds a function on a record; within a stream it only answers `in_stream`.
local function add_command(name, command, in_stream)
  aerospike[name] = function(...)
    local host, r = ...
    local found = store_in(host)
    if not found or found.kind ~= "Aerospike" then
      bad_object("Aerospike", 1, ...)
    end
    if not store_in(r) then
      P.bad_type(RECORD, 2, ...)
    end
    local store = record_in(r)
    if not store or not store.writable then
      return in_stream
    end
    return command(store, ...)
  end
end

add_command("create", create, 1)
add_command("update", update, 1)
add_command("remove", remove, 1)
add_command("exists", function(store)
  return store.is_open
end, true)
add_command("set_context", function()
  return 2
end, 2)
add_command("get_config", function()
  return 0
end, 0)

function aerospike.get_current_time(...)
  local found = store_in((...))
  if not found or found.kind ~= "Aerospike" then
    bad_object("Aerospike", 1, ...)
  end
  return P.in_stream and 0 or P.host_time()
end

function aerospike.log(...)
  local host, level, message = ...
  local found = store_in(host)
  if not found or found.kind ~= "Aerospike" then
    bad_object("Aerospike", 1, ...)
  end
  level, message = integer(level, 2, 0), P.string(message, 3)
  P.host_log(level, message or "")
end

P.name_methods(aerospike)
local aerospike_class = P.class("Aerospike")
aerospike_class.__index, aerospike_class.__metatable = aerospike, aerospike
_G.Aerospike = aerospike
P.aerospike = { kind = "Aerospike", host = true }
