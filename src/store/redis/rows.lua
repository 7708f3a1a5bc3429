-- Rows and the indexes that lead to them: stands before every script of the store, behind tables.lua. A row is a hash
-- whose fields are columns; NULL is a field that is not there. Nothing but write() below touches an index.
--
-- KEYS[1] is the tag that all keys begin with, "{relay}", and no key itself (redis_database.h); ARGV is read word by
-- word with the functions at the end.
-- Values are text: an int64 never becomes a number of Lua's where it may pass 2^53.

local call = redis.call
local base = KEYS[1] .. ":"
local SEPARATOR = "\31"  -- between the columns of one key

-- In changes: the field is taken away.
local NULL = false

-- What a script answers when a rule of ours forbids it; nothing may be written before it. The words behind the code
-- are the caller's to make.
local function refuse(code)
  return redis.error_reply("RELAY " .. code)
end

local function table_of(name)
  local found = declared[name]
  if type(found) == "function" then
    found = found()
    found.name = name
    declared[name] = found
  end
  return found
end

local function joined(row, columns)
  local found = {}
  for i, column in ipairs(columns) do
    local value = row[column]
    if not value then return nil end
    found[i] = value
  end
  return table.concat(found, SEPARATOR)
end

-- The id of a row with a primary key of several columns.
local function id_of(...)
  return table.concat({...}, SEPARATOR)
end

local function row_key(name, id)
  return base .. name .. ":" .. id
end

-- Where the index is kept; `group` only for one that has a group. Several columns of it: id_of().
local function index_key(name, index, group)
  local key = base .. name .. "|" .. index
  if group then return key .. "|" .. group end
  return key
end

local function unique_value(index, row)
  local value = joined(row, index)
  return value and index.lower and string.lower(value) or value
end

-- Key, score and member of a row in a sorted index; nothing when it is not in it.
local function place_in(t, name, index, row, id)
  local score = index.score
  if type(score) == "function" then
    score = score(row)
  elseif type(score) == "string" then
    score = row[score]
  end
  if not score then return nil end
  local group
  if index.group then
    group = joined(row, index.group)
    if not group then return nil end
  end
  return index_key(t.name, name, group), tostring(score), index.member and row[index.member] or id
end

local function move(t, id, before, after)
  for name, index in pairs(t.sorted) do
    local old_key, old_score, old_member, key, score, member
    if before then old_key, old_score, old_member = place_in(t, name, index, before, id) end
    if after then key, score, member = place_in(t, name, index, after, id) end
    if old_key and (old_key ~= key or old_member ~= member) then call("ZREM", old_key, old_member) end
    if key and (key ~= old_key or member ~= old_member or score ~= old_score) then call("ZADD", key, score, member) end
  end
end

local function put_fields(key, before, after)
  local set, gone = {}, {}
  for column, value in pairs(after) do
    if not before or before[column] ~= value then
      set[#set + 1] = column
      set[#set + 1] = value
    end
  end
  for column in pairs(before or {}) do
    if after[column] == nil then gone[#gone + 1] = column end
  end
  if #set > 0 then call("HSET", key, unpack(set)) end
  if #gone > 0 then call("HDEL", key, unpack(gone)) end
end

-- The one writer: `before` and `after` are whole rows, or nil where there is none. The name of the unique index that
-- forbids it, and nothing is written; else nil.
local function write(t, id, before, after)
  local changes = {}
  for name, columns in pairs(t.unique) do
    local old = before and unique_value(columns, before)
    local new = after and unique_value(columns, after)
    if old ~= new then
      local key = index_key(t.name, name)
      if new and call("HEXISTS", key, new) == 1 then return name end
      changes[#changes + 1] = {key, old, new}
    end
  end
  for _, change in ipairs(changes) do
    if change[2] then call("HDEL", change[1], change[2]) end
    if change[3] then call("HSET", change[1], change[3], id) end
  end
  move(t, id, before, after)
  if after then
    put_fields(row_key(t.name, id), before, after)
  else
    call("DEL", row_key(t.name, id))
  end
  return nil
end

local function exists(name, id)
  return call("EXISTS", row_key(name, id)) == 1
end

-- Columns and values in turn, as C++ reads a row; empty when there is none.
local function raw(name, id)
  return call("HGETALL", row_key(name, id))
end

-- The row as a table; nil when there is none.
local function row(name, id)
  local flat = raw(name, id)
  if #flat == 0 then return nil end
  local found = {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end

-- Some columns of it: `local status, plan = values("users", id, "status", "plan_id")`; false for one that is NULL.
local function values(name, id, ...)
  return unpack(call("HMGET", row_key(name, id), ...))
end

local function without_nulls(new)
  for column, value in pairs(new) do
    if value == NULL then new[column] = nil end
  end
  return new
end

-- nil, or what forbids it: the name of a unique index, or "id" for the primary key.
local function insert(name, new)
  local t = table_of(name)
  local id = joined(without_nulls(new), t.key)
  if exists(name, id) then return "id" end
  return write(t, id, nil, new)
end

-- Changes the named columns (NULL takes one away) of a row that is there. nil, or the name of a unique index.
local function patch(name, id, changes)
  local before = row(name, id)
  local after = {}
  for column, value in pairs(before) do after[column] = value end
  for column, value in pairs(changes) do
    if value == NULL then after[column] = nil else after[column] = value end
  end
  return write(table_of(name), id, before, after)
end

-- The row in the place of one with the same primary key, or as a new one. nil, or the name of a unique index.
local function upsert(name, new)
  local t = table_of(name)
  local id = joined(without_nulls(new), t.key)
  return write(t, id, row(name, id), new)
end

-- Whether it was there. Its children stay: see drop_all.
local function drop(name, id)
  local before = row(name, id)
  if not before then return false end
  write(table_of(name), id, before, nil)
  return true
end

-- The id behind a unique index; nil when there is none.
local function id_by(name, index, ...)
  local value = id_of(...)
  if table_of(name).unique[index].lower then value = string.lower(value) end
  return call("HGET", index_key(name, index), value) or nil
end

local function count(name, index, group)
  return call("ZCARD", index_key(name, index, group))
end

-- At most `limit` members with a score from `low` to `high`, lowest first; both as Redis writes them: "(5", "-inf".
local function ids(name, index, group, low, high, limit)
  return call("ZRANGEBYSCORE", index_key(name, index, group), low, high, "LIMIT", 0, limit)
end

-- The same from high to low.
local function ids_back(name, index, group, high, low, limit)
  return call("ZREVRANGEBYSCORE", index_key(name, index, group), high, low, "LIMIT", 0, limit)
end

-- By bytes: the `<` of Lua goes by the locale that the server was started in.
local function is_less(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

-- How many members of `key` stand at (score, member) or before it, in the order of `range` (ZRANGE or ZREVRANGE):
-- members of one score are in the order of their bytes. The place itself need not be there any more.
local function passed(key, score, member, range)
  local first, last
  if range == "ZRANGE" then
    first, last = call("ZCOUNT", key, "-inf", "(" .. score), call("ZCOUNT", key, "-inf", score)
  else
    first, last = call("ZCOUNT", key, "(" .. score, "+inf"), call("ZCOUNT", key, score, "+inf")
  end
  while first < last do
    local middle = math.floor((first + last) / 2)
    local there = call(range, key, middle, middle)[1]
    local is_passed
    if range == "ZRANGE" then is_passed = not is_less(member, there) else is_passed = not is_less(there, member) end
    if is_passed then first = middle + 1 else last = middle end
  end
  return first
end

-- At most `limit` members behind the place (score, member), lowest first.
local function following(name, index, group, score, member, limit)
  local key = index_key(name, index, group)
  local from = passed(key, score, member, "ZRANGE")
  return call("ZRANGE", key, from, from + limit - 1)
end

-- At most `limit` members before the place (score, member), highest first: lists that begin with the newest.
local function preceding(name, index, group, score, member, limit)
  local key = index_key(name, index, group)
  local from = passed(key, score, member, "ZREVRANGE")
  return call("ZREVRANGE", key, from, from + limit - 1)
end

local drop_all

-- Drops what hangs on a row, at most `budget` rows of it: {table, index} or {table}, as tables.lua declares it. What is
-- left of the budget: nothing left means that there may be more, and another call goes on.
local function drop_children(children, id, budget)
  for _, child in ipairs(children) do
    if budget == 0 then return 0 end
    local found = child[2] and ids(child[1], child[2], id, "-inf", "+inf", budget) or {id}
    for _, child_id in ipairs(found) do
      if budget > 0 then budget = drop_all(child[1], child_id, budget) end
    end
  end
  return budget
end

-- The same, and then the row itself.
function drop_all(name, id, budget)
  budget = drop_children(table_of(name).children or {}, id, budget)
  if budget > 0 and drop(name, id) then budget = budget - 1 end
  return budget
end

-- The words of ARGV, one after another: RedisWords writes them.
local word_at = 0

local function word()
  word_at = word_at + 1
  return ARGV[word_at]
end

local function number()
  return tonumber(word())
end

local function list()
  local found = {}
  for i = 1, number() do found[i] = word() end
  return found
end

-- A row or changes: NULL where a column is to be taken away.
local function fields()
  local found = {}
  for _ = 1, number() do
    local column = word()
    found[column] = word()
  end
  for _ = 1, number() do found[word()] = NULL end
  return found
end

-- How many rows one call looks at, and how many it changes, which costs ten times as much with all the indexes they
-- stand in: the server does nothing else meanwhile, and a relay waits for its limits 50 ms at the most.
local PIECE = 500
local CHANGES = 100

-- One piece of a list: the next words are the place to go on from (score, member) and how many rows are wanted. Those
-- for whose id `keep` is true; without it, all. RedisDatabase::list asks on: {rows, score, member} with the place that
-- was reached, or {rows} at the end of the list. With `up_to` the list ends where the score reaches it.
local function piece(walk, name, index, group, keep, up_to)
  local score, member, wanted = word(), word(), number()
  local key, by = index_key(name, index, group), table_of(name).sorted[index].member
  local look = keep and PIECE or math.min(PIECE, wanted)
  local found = {}
  for i, place in ipairs(walk(name, index, group, score, member, look)) do
    if up_to and tonumber(call("ZSCORE", key, place)) >= tonumber(up_to) then return {found} end
    local id = by and id_by(name, by, place) or place
    if not keep or keep(id) then found[#found + 1] = raw(name, id) end
    if #found == wanted or i == look then return {found, call("ZSCORE", key, place), place} end
  end
  return {found}
end

-- Newest first.
local function page(name, index, group, keep)
  return piece(preceding, name, index, group, keep)
end

-- Lowest first.
local function page_on(name, index, group, keep, up_to)
  return piece(following, name, index, group, keep, up_to)
end

-- How many rows one call drops.
local BUDGET = 200

-- Drops the rows, with all that hangs on them, whose score in an index without `member` is under `before`, lowest
-- first; not those for whose id `spare` is true. The next words are how many at most, and the place to go on from.
-- RedisDatabase::repeat asks on: {how many, score, member}, or {how many} when nothing is left to do.
local function sweep(name, index, group, before, spare)
  local most, score, member = number(), word(), word()
  local key, dropped, budget = index_key(name, index, group), 0, BUDGET
  local found = following(name, index, group, score, member, PIECE)
  for _, id in ipairs(found) do
    local own_score = call("ZSCORE", key, id)
    if dropped == most or tonumber(own_score) >= tonumber(before) then return {dropped} end
    if not spare or not spare(id) then
      budget = drop_all(name, id, budget)
      if exists(name, id) then return {dropped, score, member} end
      dropped = dropped + 1
    end
    score, member = own_score, id
    if budget == 0 then return {dropped, score, member} end
  end
  if #found < PIECE then return {dropped} end
  return {dropped, score, member}
end

-- Whether `text` has `search` in it, without regard to the case of ASCII letters.
local function has(text, search)
  return text and string.find(string.lower(text), string.lower(search), 1, true) ~= nil
end

-- Ends a script that is one door: what the caller wants done. Not on a server that came back without its data, where
-- nobody is known and whatever is written would be lost in what looks like a store: a store has a schema. (One EXISTS
-- costs a hundredth of a call. Usage's partitions lie in slots of their own and can't look: who writes there asks the
-- counters first. Migrations make the schema, and copies come and go in pieces.)
local function answer(calls)
  if call("EXISTS", base .. "schema_migrations|version") == 0 then return refuse("store_empty") end
  return calls[word()]()
end
