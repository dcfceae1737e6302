-- Pattern matching that the limit on run time reaches.
--
-- The library's matcher runs in C, where no hook interrupts it, and backtracks: a pattern with
-- several repetitions can keep it busy for years on a text of a few thousand bytes. Calls whose
-- worst case is harmless go to the library; the others are matched here, step by step, as the
-- manual of Lua 5.4 (section 6.4.1) describes patterns.

local P = ...

local byte, sub, char, gsub, format = string.byte, string.sub, string.char, string.gsub, string.format
local rawtype, error, pcall, tostring, tonumber = type, error, pcall, tostring, tonumber
local concat, unpack, tointeger = table.concat, table.unpack, math.tointeger

local HARMLESS <const> = 1e9 -- steps of the library's matcher in the worst case: seconds
local MAX_CAPTURES <const> = 32
local MAX_DEPTH <const> = 200
local OPEN <const>, POSITION <const> = -1, -2 -- captures' lengths while open; of position captures

local ESC <const>, OPENING <const>, CLOSING <const>, DOLLAR <const> = 37, 40, 41, 36 -- % ( ) $
local BRACKET <const>, BRACKET_END <const>, CARET <const>, DASH <const> = 91, 93, 94, 45 -- [ ] ^ -
local STAR <const>, PLUS <const>, QUESTION <const>, DOT <const> = 42, 43, 63, 46

-- ---- single characters ------------------------------------------------------------------------

-- The classes that the locale's library knows, asked once for each byte.
local classes = {}
for letter in ("acdglpsuwx"):gmatch(".") do
  local members, others = {}, {}
  for code = 0, 255 do
    members[code] = char(code):find("%" .. letter) ~= nil
    others[code] = not members[code]
  end
  classes[byte(letter)], classes[byte(letter:upper())] = members, others
end

local function in_class(code, class)
  local members = classes[class]
  if members then
    return members[code]
  end
  return code == class
end

local function class_end(p, at)
  local first = byte(p, at)
  at = at + 1
  if first == ESC then
    if at > #p then
      error("malformed pattern (ends with '%')", 0)
    end
    return at + 1
  elseif first == BRACKET then
    if byte(p, at) == CARET then
      at = at + 1
    end
    repeat
      local found = byte(p, at)
      if not found then
        error("malformed pattern (missing ']')", 0)
      end
      at = at + (found == ESC and 2 or 1)
    until byte(p, at) == BRACKET_END
    return at + 1
  end
  return at
end

-- Tells whether a byte is in the set from `at` ("[") to `last` ("]").
local function in_set(p, code, at, last)
  local positive = true
  if byte(p, at + 1) == CARET then
    positive, at = false, at + 1
  end
  at = at + 1
  while at < last do
    local found = byte(p, at)
    if found == ESC then
      at = at + 1
      if in_class(code, byte(p, at)) then
        return positive
      end
    elseif byte(p, at + 1) == DASH and at + 2 < last then
      if found <= code and code <= byte(p, at + 2) then
        return positive
      end
      at = at + 2
    elseif found == code then
      return positive
    end
    at = at + 1
  end
  return not positive
end

-- Tells whether the byte at s matches the item of the pattern from p to before `after`.
local function matches_one(state, s, p, after)
  local code = byte(state.text, s)
  if not code then
    return false
  end
  local pattern = state.pattern
  local item = byte(pattern, p)
  if item == DOT then
    return true
  elseif item == ESC then
    return in_class(code, byte(pattern, p + 1))
  elseif item == BRACKET then
    return in_set(pattern, code, p, after - 1)
  end
  return item == code
end

-- ---- matching ---------------------------------------------------------------------------------

local match

local function match_balanced(state, s, p)
  local open, close = byte(state.pattern, p, p + 1)
  if not close then
    error("malformed pattern (missing arguments to '%b')", 0)
  elseif byte(state.text, s) ~= open then
    return nil
  end
  local depth = 1
  for at = s + 1, #state.text do
    local code = byte(state.text, at)
    if code == close then
      depth = depth - 1
      if depth == 0 then
        return at + 1
      end
    elseif code == open then
      depth = depth + 1
    end
  end
end

local function expand_most(state, s, p, after)
  local n = 0
  while matches_one(state, s + n, p, after) do
    n = n + 1
  end
  for taken = n, 0, -1 do
    local found = match(state, s + taken, after + 1)
    if found then
      return found
    end
  end
end

local function expand_least(state, s, p, after)
  while true do
    local found = match(state, s, after + 1)
    if found then
      return found
    elseif not matches_one(state, s, p, after) then
      return nil
    end
    s = s + 1
  end
end

local function start_capture(state, s, p, length)
  local level = state.level + 1
  if level > MAX_CAPTURES then
    error("too many captures", 0)
  end
  state.starts[level], state.lengths[level], state.level = s, length, level
  local found = match(state, s, p)
  if not found then
    state.level = level - 1
  end
  return found
end

local function end_capture(state, s, p)
  for level = state.level, 1, -1 do
    if state.lengths[level] == OPEN then
      state.lengths[level] = s - state.starts[level]
      local found = match(state, s, p)
      if not found then
        state.lengths[level] = OPEN
      end
      return found
    end
  end
  error("invalid pattern capture", 0)
end

local function match_again(state, s, code)
  local level = code - 48
  local length = level >= 1 and level <= state.level and state.lengths[level]
  if not length or length == OPEN then
    error(format("invalid capture index %%%d", level), 0)
  end
  local from = state.starts[level]
  if sub(state.text, from, from + length - 1) == sub(state.text, s, s + length - 1) then
    return s + length
  end
end

local function match_frontier(state, s, p)
  if byte(state.pattern, p) ~= BRACKET then
    error("missing '[' after '%f' in pattern", 0)
  end
  local after = class_end(state.pattern, p)
  local before = s == 1 and 0 or byte(state.text, s - 1)
  local here = byte(state.text, s) or 0
  if not in_set(state.pattern, before, p, after - 1) and in_set(state.pattern, here, p, after - 1) then
    return after
  end
end

local function match_item(state, s, p)
  local after = class_end(state.pattern, p)
  local suffix = byte(state.pattern, after)
  if suffix == STAR then
    return expand_most(state, s, p, after), true
  elseif suffix == PLUS then
    return matches_one(state, s, p, after) and expand_most(state, s + 1, p, after) or nil, true
  elseif suffix == DASH then
    return expand_least(state, s, p, after), true
  elseif suffix == QUESTION then
    local found = matches_one(state, s, p, after) and match(state, s + 1, after + 1)
    return found or match(state, s, after + 1), true
  end
  return matches_one(state, s, p, after) and after or nil, false
end

-- What a "%" that is no class begins: gives the text's and the pattern's next place, or nil.
local function match_special(state, s, p, code)
  if code == 98 then -- %b
    return match_balanced(state, s, p + 2), p + 4
  elseif code == 102 then -- %f
    return s, match_frontier(state, s, p + 2)
  end
  return match_again(state, s, code), p + 2
end

local function is_special(code)
  return code == 98 or code == 102 or (code and code >= 48 and code <= 57)
end

-- Matches the pattern from p at s: gives where the match ends, or nil.
function match(state, s, p)
  state.depth = state.depth + 1
  if state.depth > MAX_DEPTH then
    error("pattern too complex", 0)
  end
  local pattern, result = state.pattern, nil
  while true do
    local code = byte(pattern, p)
    if not code then
      result = s
      break
    elseif code == OPENING then
      local is_position = byte(pattern, p + 1) == CLOSING
      result = start_capture(state, s, is_position and p + 2 or p + 1, is_position and POSITION or OPEN)
      break
    elseif code == CLOSING then
      result = end_capture(state, s, p + 1)
      break
    elseif code == DOLLAR and p == #pattern then
      result = s == #state.text + 1 and s or nil
      break
    end
    local special = code == ESC and byte(pattern, p + 1)
    if is_special(special) then
      local next_s, next_p = match_special(state, s, p, special)
      if not next_s or not next_p then
        break
      end
      s, p = next_s, next_p
    else
      local found, is_final = match_item(state, s, p)
      if is_final or not found then
        result = found
        break
      end
      s, p = s + 1, found
    end
  end
  state.depth = state.depth - 1
  return result
end

-- ---- captures ---------------------------------------------------------------------------------

local function capture(state, level, s, e)
  if level > state.level then
    if level ~= 1 then
      error(format("invalid capture index %%%d", level), 0)
    end
    return sub(state.text, s, e - 1)
  end
  local length, start = state.lengths[level], state.starts[level]
  if length == POSITION then
    return start
  elseif length == OPEN then
    error("unfinished capture", 0)
  end
  return sub(state.text, start, start + length - 1)
end

local function captures(state, s, e, whole)
  local n = state.level == 0 and whole and 1 or state.level
  local found = {}
  for level = 1, n do
    found[level] = capture(state, level, s, e)
  end
  return unpack(found, 1, n)
end

local function new_state(text, pattern)
  return { text = text, pattern = pattern, level = 0, depth = 0, starts = {}, lengths = {} }
end

-- Finds the first match from `init`: gives the state, start and end, or nothing.
local function first_match(text, pattern, init)
  local state = new_state(text, pattern)
  local anchored = byte(pattern) == CARET
  repeat
    state.level, state.depth = 0, 0
    local e = match(state, init, anchored and 2 or 1)
    if e then
      return state, init, e
    end
    init = init + 1
  until anchored or init > #text + 1
end

local function start_of(init, text)
  if init > 0 then
    return init
  elseif init == 0 or init < -#text then
    return 1
  end
  return #text + init + 1
end

-- ---- the functions ----------------------------------------------------------------------------

local slow = {}

-- As the library's plain find, which takes text times pattern steps in the worst case.
local function find_plain(text, wanted, init)
  local size = #wanted
  for at = start_of(init or 1, text), #text - size + 1 do
    if sub(text, at, at + size - 1) == wanted then
      return at, at + size - 1
    end
  end
  return nil
end

local SPECIAL <const> = "[%^%$%*%+%?%.%(%[%%%-]"
local find = string.find

function slow.find(text, pattern, init)
  if not find(pattern, SPECIAL) then
    return find_plain(text, pattern, init)
  end
  init = start_of(init or 1, text)
  if init > #text + 1 then
    return nil
  end
  local state, s, e = first_match(text, pattern, init)
  if state then
    return s, e - 1, captures(state, s, e, false)
  end
  return nil
end

function slow.match(text, pattern, init)
  init = start_of(init or 1, text)
  if init > #text + 1 then
    return nil
  end
  local state, s, e = first_match(text, pattern, init)
  if state then
    return captures(state, s, e, true)
  end
  return nil
end

function slow.gmatch(text, pattern, init)
  local at, last = start_of(init or 1, text), nil
  local state = new_state(text, pattern)
  return function()
    while at <= #text + 1 do
      state.level, state.depth = 0, 0
      local s, e = at, match(state, at, 1)
      if e and e ~= last then
        at, last = e, e
        return captures(state, s, e, true)
      end
      at = at + 1
    end
  end
end

local function expand_template(state, template, s, e)
  return (gsub(template, "%%(.?)", function(code)
    if code == "%" then
      return "%"
    elseif code == "0" then
      return sub(state.text, s, e - 1)
    elseif code ~= "" and classes[100][byte(code)] then
      return tostring(capture(state, tonumber(code), s, e))
    end
    error("invalid use of '%' in replacement string", 0)
  end))
end

local function replacement(state, by, s, e)
  local kind = rawtype(by)
  local value
  if kind == "function" then
    value = by(captures(state, s, e, true))
  elseif kind == "table" then
    value = by[capture(state, 1, s, e)]
  else
    return expand_template(state, by, s, e)
  end
  if not value then
    return sub(state.text, s, e - 1)
  elseif rawtype(value) ~= "string" and rawtype(value) ~= "number" then
    error(format("invalid replacement value (a %s)", rawtype(value)), 0)
  end
  return tostring(value)
end

function slow.gsub(text, pattern, by, limit)
  local anchored = byte(pattern) == CARET
  local state, out = new_state(text, pattern), {}
  local at, last, n = 1, nil, 0
  while n < (limit or #text + 1) do
    state.level, state.depth = 0, 0
    local e = match(state, at, anchored and 2 or 1)
    if e and e ~= last then
      n = n + 1
      out[#out + 1] = replacement(state, by, at, e)
      at, last = e, e
    elseif at <= #text then
      out[#out + 1] = sub(text, at, at)
      at = at + 1
    else
      break
    end
    if anchored then
      break
    end
  end
  out[#out + 1] = sub(text, at)
  return concat(out), n
end

-- ---- which of the two -------------------------------------------------------------------------

-- Tells whether the library could be busy for long: every repetition may be tried at every place.
local function is_harmless(text, pattern)
  local size = #text + 1
  local steps = byte(pattern) == CARET and #pattern or #pattern * size
  local at = 1
  while at <= #pattern and steps <= HARMLESS do
    local code = byte(pattern, at)
    if code == BRACKET then
      local good, after = pcall(class_end, pattern, at)
      if not good then
        return true -- the library says what is wrong
      end
      at = after
    elseif code == ESC then
      if byte(pattern, at + 1) == 98 then
        steps = steps * size
      end
      at = at + 2
    else
      if code == STAR or code == PLUS or code == DASH then
        steps = steps * size
      elseif code == QUESTION then
        steps = steps * 2
      end
      at = at + 1
    end
  end
  return steps <= HARMLESS
end

local function as_text(value)
  return rawtype(value) == "number" and tostring(value) or value
end

-- An optional integer as the library takes one; the second result is whether it is one.
local function as_integer(value)
  local found = tointeger(value) or tointeger(tonumber(value))
  return found, value == nil or found ~= nil
end

-- The functions' arguments as they are used here; the first result is whether all are good, and
-- when one is not, the library says what is wrong before it matches anything.
local function prepared(name, third, fourth)
  if name ~= "gsub" then
    local init, good = as_integer(third)
    return good, init
  end
  local kind = rawtype(third)
  local limit, good = as_integer(fourth)
  if kind ~= "function" and kind ~= "table" then
    third = as_text(third)
    good = good and rawtype(third) == "string"
  end
  return good, third, limit
end

-- Makes a function of strings that calls `in_c` where that is harmless or something is wrong.
local function guarded(name, in_c)
  local step_by_step, call_as = slow[name], P.call_as
  return function(...)
    local text, pattern, third, fourth = ...
    text, pattern = as_text(text), as_text(pattern)
    if rawtype(text) ~= "string" or rawtype(pattern) ~= "string" or is_harmless(text, pattern) then
      return call_as(name, in_c, ...)
    end
    local good, by, limit = prepared(name, third, fourth)
    if not good then
      return call_as(name, in_c, ...)
    elseif name == "find" and fourth then
      return call_as(name, find_plain, text, pattern, by)
    end
    return call_as(name, step_by_step, text, pattern, by, limit)
  end
end

-- For the comparison of the two.
P.matcher = slow
P.library_matcher = { find = string.find, match = string.match, gmatch = string.gmatch, gsub = string.gsub }

function P.limit_patterns()
  for _, name in ipairs({ "find", "match", "gmatch", "gsub" }) do
    string[name] = guarded(name, string[name])
  end
end
