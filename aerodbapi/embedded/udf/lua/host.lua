-- The entry points that the node calls, and the limit on how long a program runs.

local P = ...

local sethook, pcall, rawtype, error = debug.sethook, pcall, type, error
local create, resume, status = coroutine.create, coroutine.resume, coroutine.status
local load, unpack, clock = load, table.unpack, os.clock
local box, NIL = P.box, P.NIL

local INTERVAL <const> = 1000 -- instructions between two looks at the processor's clock
local LOOKS <const> = 10 -- after so many of those the time is asked for anyway
local SHORT <const> = 0.005 -- seconds
local TIMEOUT <const> = "UDF Execution Timeout"

-- ---- the limit --------------------------------------------------------------------------------

local guard
local looks, last = 0, 0.0

-- Ends the program when its time is over, whatever it catches: from then on at every instruction.
-- Asking for the time is dear, so it is asked for when instructions were many or slow.
local function look_at_clock()
  if P.is_expired then
    error(TIMEOUT, 0)
  end
  looks = looks + 1
  local now = clock()
  if looks >= LOOKS or now - last > SHORT then
    looks, last = 0, now
    if P.host_expired() then
      P.is_expired = true
      sethook(look_at_clock, "", 1)
      error(TIMEOUT, 0)
    end
  end
end

-- Coroutines have hooks of their own.
local function guarded_create(f)
  local thread = create(f)
  if guard then
    if P.is_expired then
      error(TIMEOUT, 0)
    end
    sethook(thread, guard, "", INTERVAL)
  end
  return thread
end

function P.limit_coroutines()
  coroutine.create = function(...)
    if rawtype((...)) ~= "function" then
      P.bad_type("function", 1, ...)
    end
    return guarded_create((...))
  end

  -- What goes wrong in a wrapped coroutine is reported with the line that resumed it.
  local function pass_on(good, ...)
    if good then
      return ...
    end
    local problem = ...
    error(problem, rawtype(problem) == "string" and not P.is_expired and 2 or 0)
  end
  coroutine.wrap = function(...)
    if rawtype((...)) ~= "function" then
      P.bad_type("function", 1, ...)
    end
    local thread = guarded_create((...))
    return function(...)
      return pass_on(resume(thread, ...))
    end
  end
end

local function finished(thread, good, ...)
  guard = nil
  if good and status(thread) ~= "dead" then
    return false, "attempt to yield from outside a coroutine"
  end
  return good, ...
end

-- Calls f(...) under the limit, as pcall does. The program has a thread of its own, so that
-- what the limit does to it does not reach this one.
local function limited(f, ...)
  P.is_expired = false
  guard = look_at_clock
  local thread = guarded_create(f)
  return finished(thread, resume(thread, ...))
end

-- Gives an error as text: what is none, a server does not pass on.
local function message_of(problem)
  return rawtype(problem) == "string" and P.text(problem) or "result value type unexpected"
end

-- ---- entry points -----------------------------------------------------------------------------

-- Loads and runs a text as registering does: nil, or what is wrong with it.
function P.check(source, filename)
  local chunk, problem = load(source, filename, "t")
  if not chunk then
    return problem
  end
  local good
  good, problem = limited(chunk)
  if not good then
    return rawtype(problem) == "string" and problem or "(Null error message returned by lua)"
  end
end

-- Loads the module that the functions are called of: nil, or what is wrong.
function P.load(module)
  local good, problem = limited(P.require, module)
  if not good then
    return message_of(problem)
  end
end

local function arguments(packed)
  local list = packed ~= "" and P.unpack(packed)
  if rawtype(list) ~= "table" or list.kind ~= P.LIST then
    return 0, {}
  end
  local values = {}
  for i = 1, list.n do
    values[i] = P.push(list[i])
  end
  return list.n, values
end

-- Makes a record's store of its fields, all of the stored one; `packed`: its bins.
local function record_of(packed, n_bins, set_name, generation, ttl, updated, key_type, key, digest)
  return P.new_record({
    packed = packed,
    stored_bins = n_bins,
    is_open = n_bins > 0,
    setname = set_name,
    gen = generation,
    ttl = ttl,
    last_update_time = updated,
    key_type = key_type,
    key = key,
    digest = digest,
  })
end

-- What becomes of a record: result code, whether it is to be written, its bins packed, how
-- many, its new TTL or nil, whether its key is dropped, whether a geojson was set.
local function outcome(record)
  if record.result_code ~= 0 or not record.has_updates then
    return record.result_code, false
  end
  local ttl, drops_key = record.new_ttl, record.drops_key or false
  return 0, true, P.pack_bins(record), record.n_bins, ttl, drops_key, record.has_geojson or false
end

-- Applies a function to the record of the fields `...` (see record_of). Gives whether the
-- program succeeded, its result's particle type and data, then the record's outcome.
function P.apply_record(name, packed, ...)
  P.in_stream = false
  aerospike = box(P.aerospike)
  local record = record_of(...)
  record.writable = true
  local n, values = arguments(packed)
  local good, kind, data = limited(function()
    local value = P.take((apply_record(_ENV[name], box(record), unpack(values, 1, n))))
    if value == nil or value == NIL then
      return 0, ""
    end
    return P.to_particle(value)
  end)
  if not good then
    return false, 3, message_of(kind)
  end
  return true, kind, data, outcome(record)
end

local function opened(packed, ...)
  return packed and record_of(packed, ...)
end

-- Applies a stream function for a side (1 node, 2 client). `read` gives the fields of the next
-- record on the node, the next particle on the client, nothing at the end; `write` takes the
-- type and data of a particle. Gives nil, or what went wrong.
function P.apply_stream(name, packed, scope, read, write)
  P.in_stream = true
  aerospike = box(P.aerospike)
  local n, values = arguments(packed)
  local input = P.new_stream(scope == 1 and function()
    return opened(read())
  end or function()
    local kind, data = read()
    return kind and P.from_particle(kind, data)
  end)
  local output = P.new_stream(nil, function(value)
    write(P.to_particle(value))
    return 0
  end)
  local good, problem = limited(function()
    apply_stream(_ENV[name], scope, input, output, unpack(values, 1, n))
  end)
  if not good then
    return rawtype(problem) == "string" and P.text(problem)
      or "bad argument #1 to '?' (string expected, got " .. rawtype(problem) .. ")"
  end
end
