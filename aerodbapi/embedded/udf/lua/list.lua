-- The list class, and the global `list` with its functions.

local P = ...

local rawtype, next, select = type, next, select
local insert, remove, move = table.insert, table.remove, table.move
local LIST, NIL = P.LIST, P.NIL
local store_in, box, push, take = P.store, P.box, P.push, P.take
local integer, bad_object = P.integer, P.bad_object

local function new_list(capacity, step)
  return { kind = LIST, n = 0, flags = 0, capacity = capacity, step = step }
end
P.new_list = new_list

local function list_in(value)
  local store = store_in(value)
  return store and store.kind == LIST and store
end

-- Tells whether a list may grow to `n` elements; lists made with step 0 never grow.
local function fits(list, n)
  return n <= list.capacity or list.step > 0
end

-- Puts a value before position `at`; what lies between the end and it becomes nil.
local function put_before(list, at, value)
  local n = list.n
  if not fits(list, at > n and at or n + 1) then
    return
  end
  if at > n then
    for i = n + 1, at - 1 do
      list[i] = NIL
    end
    list[at], list.n = value, at
  else
    insert(list, at, value)
    list.n = n + 1
  end
end

local function append(list, value)
  put_before(list, list.n + 1, value)
end
P.append = append

-- Gives a value to be an element, or nil: records are none.
local function element(value)
  local taken = take(value)
  if rawtype(taken) ~= "table" or taken.kind ~= P.RECORD then
    return taken
  end
end

local list = {}

function list.new(...)
  local n = select("#", ...)
  if n < 1 or n > 2 then
    return
  end
  local capacity, step = ...
  capacity, step = integer(capacity, 1, -1), integer(step, 2, 10)
  if capacity < 0 or step < 0 then
    return
  end
  return box(new_list(capacity, step))
end

list.create = list.new

function list.append(...)
  local l, value = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  value = element(value)
  if value ~= nil then
    append(store, value)
  end
end

function list.prepend(...)
  local l, value = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  value = element(value)
  if value ~= nil then
    put_before(store, 1, value)
  end
end

function list.insert(...)
  local l, at, value = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  at = integer(at, 2, 0)
  if at > 0 then
    value = element(value)
    if value ~= nil then
      put_before(store, at, value)
    end
  end
end

function list.remove(...)
  local l, at = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  at = integer(at, 2, 0)
  if at > 0 and at <= store.n then
    remove(store, at)
    store.n = store.n - 1
  end
end

function list.concat(...)
  local l, other = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  local more = list_in(other) or bad_object(LIST, 2, ...)
  if fits(store, store.n + more.n) then
    local n = more.n
    move(more, 1, n, store.n + 1, store)
    store.n = store.n + n
  end
end

function list.trim(...)
  local l, from = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  from = integer(from, 2, 0)
  if from > 0 and from <= store.n then
    for i = from, store.n do
      store[i] = nil
    end
    store.n = from - 1
  end
end

local function part(store, first, last)
  local found = new_list(last - first + 1, store.step)
  found.n = found.capacity
  return box(move(store, first, last, 1, found))
end

function list.take(...)
  local l, n = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  n = integer(n, 2, 0)
  return n > 0 and part(store, 1, n < store.n and n or store.n) or nil
end

function list.drop(...)
  local l, n = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  n = integer(n, 2, 0)
  return n > 0 and part(store, (n < store.n and n or store.n) + 1, store.n) or nil
end

function list.size(...)
  local l = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  return store.n
end

function list.nbytes(...)
  local l = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  return #P.pack(store)
end

function list.tostring(...)
  local l = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  return P.describe(store)
end

local function next_element(iterator)
  return P.iterate(iterator)
end

function list.iterator(...)
  local l = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  return next_element,
    P.new_iterator(function(at)
      return at <= store.n
    end, function(at)
      return push(store[at])
    end)
end

local function add_all(into, from)
  for value in list.iterator(from) do
    list.append(into, value)
  end
end

function list.clone(l)
  local made = list()
  add_all(made, l)
  return made
end

function list.merge(l1, l2)
  local made = list()
  add_all(made, l1)
  add_all(made, l2)
  return made
end

-- list(), list{…}: the values under numbers, in the table's order.
local function construct(_, ...)
  local made = new_list(5, 10)
  local values = ...
  if select("#", ...) == 1 and rawtype(values) == "table" and not store_in(values) then
    for key, value in next, values do
      if rawtype(key) == "number" then
        local taken = element(value)
        append(made, taken == nil and NIL or taken)
      end
    end
  end
  return box(made)
end

P.library("list", list, { __call = construct })

local class = P.class(LIST)
class.__len = list.size
class.__tostring = list.tostring

function class.__index(...)
  local l, at = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  return push(store[integer(at, 2, 0) & 0xffffffff])
end

function class.__newindex(...)
  local l, at, value = ...
  local store = list_in(l) or bad_object(LIST, 1, ...)
  at = integer(at, 2, 0) & 0xffffffff
  if at > 0 then
    value = element(value)
    if value == nil then
      return
    elseif at <= store.n then
      store[at] = value
    else
      put_before(store, at, value)
    end
  end
end
