-- Streams: the stream class, the operations on streams, and who runs which of them.
--
-- A stream function declares a chain of operations. The node runs the chain up to and with the
-- first reduce; the client runs that reduce once more over what the nodes gave, and the rest.
-- An operation turns a function that gives the next value (nil at the end) into another one.

local P = ...

local select, error, pcall, rawtype, insert = select, error, pcall, type, table.insert
local ipairs, pairs, unpack = ipairs, pairs, table.unpack
local store_in, box, take, push = P.store, P.box, P.take, P.push

local AGGREGATE_LIMIT <const> = 1000 -- a number from here on is given away at once

-- ---- the stream class -------------------------------------------------------------------------

local stream = {}

function stream.read(...)
  local found = store_in((...)) or P.bad_type("Stream", 1, ...)
  return found.read and push(found.read())
end

-- Gives 0, or what is not 0 when the stream takes nothing.
function stream.write(...)
  local found = store_in((...)) or P.bad_type("Stream", 1, ...)
  if not found.write then
    return 1
  end
  local value = take((select(2, ...)))
  if value == nil or value == P.NIL then
    return 0
  end
  return found.write(value)
end

function stream.readable(...)
  local found = store_in((...)) or P.bad_type("Stream", 1, ...)
  return found.read ~= nil
end

stream.writable = stream.readable -- as the server has it

function stream.tostring(...)
  if not store_in((...)) then
    P.bad_type("Stream", 1, ...)
  end
  return "Stream"
end

P.library("stream", stream, {})
P.class("Stream").__tostring = stream.tostring

function P.new_stream(read, write)
  return box({ kind = "Stream", host = true, read = read, write = write })
end

-- ---- operations -------------------------------------------------------------------------------

-- Wraps a function so that once it has given nil it is not called again.
local function until_nil(give)
  local done = false
  return function()
    if done then
      return nil
    end
    local value = give(function()
      done = true
    end)
    return value
  end
end

function filter(next, passes)
  return until_nil(function(finish)
    for value in next do
      if passes(value) then
        return value
      end
    end
    finish()
  end)
end

function transform(next, f)
  return until_nil(function(finish)
    local value = next()
    if value ~= nil then
      return f(value)
    end
    finish()
  end)
end

function reduce(next, f)
  return until_nil(function(finish)
    local result = next()
    if result ~= nil then
      for value in next do
        result = f(result, value)
      end
    end
    finish()
    return result
  end)
end

function math.sum(a, b)
  return a + b
end

function math.product(a, b)
  return a * b
end

-- Gives a copy that an aggregation may change, of what it starts from.
local function fresh(value)
  local store = store_in(value)
  if store and store.kind == P.MAP then
    return map.clone(value)
  elseif store and store.kind == P.LIST then
    return list.clone(value)
  elseif store then
    return nil
  elseif rawtype(value) ~= "table" then
    return value
  end
  local copy = {}
  for k, v in pairs(value) do
    copy[k] = v
  end
  return copy
end

function aggregate(next, init, f)
  return until_nil(function(finish)
    local result = fresh(init)
    for value in next do
      result = f(result, value)
      if rawtype(result) == "number" and result >= AGGREGATE_LIMIT then
        return result
      end
    end
    finish()
    return result
  end)
end

function stream_iterator(s)
  return until_nil(function(finish)
    local value = stream.read(s)
    if value == nil then
      finish()
    end
    return value
  end)
end

-- ---- chains of operations ---------------------------------------------------------------------

local SERVER <const>, CLIENT <const>, EITHER <const>, BOTH <const> = 1, 2, 3, 4

StreamOps = {}
StreamOps_mt = { __index = StreamOps }

function StreamOps_create()
  return setmetatable({ ops = {} }, StreamOps_mt)
end

-- Chains `ops` from the ith to the nth behind a stream.
function StreamOps_apply(source, ops, i, n)
  for at = i or 1, n or #ops do
    source = ops[at].func(source, unpack(ops[at].args)) or source
  end
  return source
end

-- Gives the operations that a side runs.
function StreamOps_select(stream_ops, scope)
  local chosen = { [SERVER] = {}, [CLIENT] = {} }
  local side = SERVER
  for _, op in ipairs(stream_ops) do
    if side == CLIENT or op.scope == SERVER or op.scope == EITHER then
      insert(chosen[side], op)
    elseif op.scope == BOTH then
      insert(chosen[SERVER], op)
      insert(chosen[CLIENT], op)
      side = CLIENT
    end
  end
  return chosen[scope == CLIENT and CLIENT or SERVER]
end

-- Adds a method that declares an operation; the function is looked up when it is declared.
local function add_operation(name, scope, global)
  StreamOps[name] = function(self, ...)
    insert(self.ops, { scope = scope, name = name, func = _ENV[global], args = { ... } })
    return self
  end
end

add_operation("aggregate", SERVER, "aggregate")
add_operation("reduce", BOTH, "reduce")
add_operation("map", EITHER, "transform")
add_operation("filter", EITHER, "filter")

local function append_all(l1, l2)
  local joined = list.clone(l1)
  for value in list.iterator(l2) do
    list.append(joined, value)
  end
  return joined
end

-- Collects the values under f(value): a map of lists, joined by a reduce.
function StreamOps:groupby(f)
  return self
    :aggregate(map(), function(groups, value)
      local key = f and f(value) or nil
      local members = groups[key] or list()
      list.append(members, value)
      groups[key] = members
      return groups
    end)
    :reduce(function(m1, m2)
      return map.merge(m1, m2, append_all)
    end)
end

-- ---- running ----------------------------------------------------------------------------------

function apply_stream(f, scope, istream, ostream, ...)
  if f == nil then
    error("function not found", 0)
  end
  local good, result = pcall(f, StreamOps_create(), ...)
  if not good then
    error(result, 0)
  end
  local values = StreamOps_apply(stream_iterator(istream), StreamOps_select(result.ops, scope))
  for value in values do
    if stream.write(ostream, value) ~= 0 then
      break
    end
  end
  stream.write(ostream, nil)
  return 0
end

function apply_record(f, r, ...)
  if f == nil then
    error("function not found", 0)
  end
  local good, result = pcall(f, r, ...)
  if not good then
    error(result, 0)
  end
  return result
end
