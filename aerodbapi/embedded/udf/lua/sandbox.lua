-- The sandbox: what of Lua's own library programs get, and in which form.
--
-- Nothing reaches files, processes, Python or the debugger. Functions that could run for ever
-- or for very long inside C, where no hook interrupts them, refuse or do their work in Lua.
-- Boxes pass for the userdata that they are on a server.

local P = ...

local rawtype, next, select, error, load, pcall = type, next, select, error, load, pcall
local rawget, rawset, setmetatable, getmetatable = rawget, rawset, setmetatable, getmetatable
local gsub, find, format, concat = string.gsub, string.find, string.format, table.concat
local tostring, tonumber, tointeger = tostring, tonumber, math.tointeger
local store_in, bad_type = P.store, P.bad_type

local LONGEST <const> = 1 << 24 -- elements that one call may move; memory ends before

local function relay(name, good, ...)
  if good then
    return ...
  end
  local problem = ...
  if rawtype(problem) ~= "string" or P.is_expired or problem == "not enough memory" then
    error(problem, 0)
  end
  error(gsub(problem, "'%?'", "'" .. name .. "'", 1), 2)
end

-- Calls a library function for a function that took its place, as if there were none in between:
-- what goes wrong is reported at the line of the program, under the function's own name. Call it
-- last (return call_as(…)), so that no frame is between here and the program.
local function call_as(name, f, ...)
  return relay(name, pcall(f, ...))
end
P.call_as = call_as

-- ---- boxes as userdata ------------------------------------------------------------------------

local function refuse_boxes(name, f)
  _G[name] = function(...)
    local value = ...
    if store_in(value) then
      bad_type("table", 1, ...)
    elseif rawtype(value) == "table" then
      return f(...)
    end
    return call_as(name, f, ...)
  end
end

-- An object that is being collected runs its __gc where no hook does: none gets any.
local function set_without_finalizer(value, metatable)
  local finalizer = metatable and rawget(metatable, "__gc")
  if not finalizer then
    return setmetatable(value, metatable)
  end
  metatable.__gc = nil
  setmetatable(value, metatable)
  rawset(metatable, "__gc", finalizer)
  return value
end

-- Programs get copies of the metatables: with a __gc of theirs every box would be finalized.
local function copy_of(class)
  local copy = {}
  for key, value in next, class do
    copy[key] = value
  end
  return copy
end

function P.sandbox_types()
  refuse_boxes("next", next)
  refuse_boxes("rawget", rawget)
  refuse_boxes("rawset", rawset)
  refuse_boxes("rawlen", rawlen)

  function _G.type(...)
    local value = ...
    if value == nil and select("#", ...) == 0 then
      P.bad_argument(1, "value expected")
    end
    return store_in(value) and "userdata" or rawtype(value)
  end

  function _G.setmetatable(...)
    local value, metatable = ...
    if store_in(value) then
      bad_type("table", 1, ...)
    end
    local kind = rawtype(metatable)
    if rawtype(value) == "table" and not getmetatable(value) and kind == "table" then
      return set_without_finalizer(value, metatable)
    end
    if kind == "table" and rawget(metatable, "__gc") then
      error("__gc is not supported", 2)
    end
    return call_as("setmetatable", setmetatable, ...)
  end

  for _, class in next, P.classes do
    class.__pairs = function(value)
      return function(...)
        bad_type("table", 1, ...)
      end, value, nil
    end
    class.__metatable = class.__metatable or copy_of(class)
  end
  for _, name in ipairs({ "List", "Map", "Bytes" }) do
    _G[name] = P.classes[name].__metatable
  end
end

-- ---- functions that could keep C busy ---------------------------------------------------------

-- Limits a function of tables that moves elements; with `plain` arguments it moves none.
local function limit_moves(name, f, plain)
  table[name] = function(...)
    local values = ...
    local is_table = rawtype(values) == "table"
    if is_table and select("#", ...) == plain and not getmetatable(values) then
      return f(...)
    elseif is_table and #values > LONGEST then
      error("too many elements", 2)
    end
    return call_as(name, f, ...)
  end
end

function P.sandbox_library()
  limit_moves("insert", table.insert, 2)
  limit_moves("remove", table.remove, 1)

  local move, rep = table.move, string.rep
  function table.move(...)
    local _, first, last = ...
    first, last = tointeger(first), tointeger(last)
    if first and last and last >= first and (last - first < 0 or last - first > LONGEST) then
      error("too many elements to move", 2)
    end
    return call_as("move", move, ...)
  end

  function string.rep(...)
    local s, n, separator = ...
    local times = tointeger(n) or tointeger(tonumber(n))
    if rawtype(s) == "string" and times and (separator == nil or separator == "") then
      if s == "" then
        return s
      elseif times < LONGEST and #s < LONGEST then
        return rep(s, times)
      end
    end
    return call_as("rep", rep, ...)
  end

  string.dump = nil
  P.limit_patterns()

  -- Calls the handler when all is unwound: within the error of a hook no other hook would run.
  function _G.xpcall(...)
    local f, handler = ...
    if select("#", ...) < 2 or rawtype(handler) ~= "function" then
      bad_type("function", 2, ...)
    end
    return (function(good, ...)
      if good then
        return true, ...
      end
      local _, result = pcall(handler, ...)
      return false, result
    end)(pcall(f, select(3, ...)))
  end
end

-- ---- what is left out or narrowed -------------------------------------------------------------

local function limited_collectgarbage(...)
  local option = ...
  if option == "count" or option == "collect" or option == "step" or option == nil then
    return P.collectgarbage(...)
  end
  return 0
end

-- As load, of text only: bytecode that nobody checked can crash the interpreter.
local function load_text(...)
  local chunk, name, mode, env = ...
  if rawtype(mode) == "string" and not find(mode, "t", 1, true) then
    return nil, "attempt to load a text chunk (mode is '" .. mode .. "')"
  end
  if select("#", ...) > 3 then
    return load(chunk, name, "t", env)
  end
  return load(chunk, name, "t")
end

function P.sandbox_globals()
  P.collectgarbage = collectgarbage
  _G.collectgarbage = limited_collectgarbage
  _G.load = load_text
  local os = os
  _G.os = {
    clock = os.clock,
    date = os.date,
    difftime = os.difftime,
    time = os.time,
    getenv = function() end,
  }
  _G.io, _G.dofile, _G.loadfile, _G.python = nil, nil, nil, nil
  _G.print = function(...)
    local parts = {}
    for i = 1, select("#", ...) do
      parts[i] = tostring((select(i, ...)))
    end
    P.host_log(2, concat(parts, "\t"))
  end
  for name, level in pairs({ trace = 4, debug = 3, info = 2, warn = 1 }) do
    _G[name] = function(message, ...)
      return aerospike:log(level, format(message, ...))
    end
  end
  P.sandbox_modules()
end

-- ---- modules ----------------------------------------------------------------------------------

local DIRECTORY <const> = "/opt/aerospike/usr/udf/lua/"

function P.sandbox_modules()
  local loaded = {}
  for _, name in ipairs({ "_G", "coroutine", "math", "os", "string", "table", "utf8" }) do
    loaded[name] = _G[name]
  end
  local preload = {}
  _G.package = { loaded = loaded, preload = preload, path = DIRECTORY .. "?.lua", cpath = "", config = "/\n;\n?\n!\n-\n" }

  -- Gives what a module gives, which runs once; modules are those registered with the node.
  function P.require(...)
    local name = P.string((...), 1)
    if not name then
      bad_type("string", 1, ...)
    end
    if loaded[name] ~= nil then
      return loaded[name]
    end
    local chunk = preload[name]
    local path = DIRECTORY .. gsub(name, "%.", "/") .. ".lua"
    if not chunk then
      local source = P.host_source(name)
      if not source then
        local tried = "\n\tno field package.preload['%s']\n\tno file '%s'"
        error(format("module '%s' not found:" .. tried, name, name, path), 2)
      end
      local message
      chunk, message = load(source, "@" .. path, "t")
      if not chunk then
        error(format("error loading module '%s' from file '%s':\n\t%s", name, path, message), 2)
      end
    end
    local result = chunk(name, path)
    loaded[name] = result ~= nil and result or loaded[name] or true
    return loaded[name], path
  end
  _G.require = P.require
end
