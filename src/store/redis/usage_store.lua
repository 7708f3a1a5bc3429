-- Writes usage in one partition: its tag is KEYS[1]. redis_usage_store.h says what lies where.
local RUN, BUCKETS = 8192, 16  -- rows of a run, and the parts that a run's ids are kept in
local COSTS_RUN = 128  -- rows whose changed costs lie together: as many as Redis packs closely in one hash
local SUMS = {"requests", "errors", "unpriced_requests", "cached_requests", "input_tokens", "cache_write_5m_tokens",
              "cache_write_1h_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens", "web_search_requests",
              "web_fetch_requests", "audio_input_tokens", "audio_cache_read_tokens", "audio_output_tokens",
              "image_input_tokens", "image_output_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens",
              "charge_nano_usd", "cost_nano_usd"}
local calls = {}

local function read_kinds()
  local kinds = {}
  for i = 1, number() do kinds[i] = {text = word(), user = word(), key = word()} end
  return kinds
end

local function give_number(kind)
  kind.rows = base .. "rows_of:" .. id_of(kind.user, kind.key)
  kind.number = call("HGET", base .. "kinds", kind.text)
  if kind.number then return end
  kind.number = call("HLEN", base .. "kinds") + 1
  call("HSET", base .. "kinds", kind.text, kind.number)
  call("HSET", base .. "kind_texts", kind.number, kind.text)
  call("HSET", base .. "kind_owners", kind.number, id_of(kind.user, kind.key))
  call("ZADD", base .. "keys_of:" .. kind.user, 0, kind.key)
end

local function add_records(kinds, count)
  local row_id = call("INCRBY", base .. "last_row", count) - count
  -- One command for many records where there is one: a record costs half as much.
  local attempts, places, buckets = {}, {}, {}
  for _ = 1, count do
    row_id = row_id + 1
    local kind, at, attempt = kinds[number()], word(), word()
    call("XADD", base .. "logs", row_id .. "-0", "kind", kind.number, "at", at, "attempt", attempt, "request", word(),
         "upstream", word(), "message", word(), "error", word(), "address", word(), "figures", word())
    attempts[#attempts + 1] = attempt
    attempts[#attempts + 1] = row_id
    local of_key = places[kind.rows] or {}
    places[kind.rows] = of_key
    of_key[#of_key + 1] = 0
    of_key[#of_key + 1] = string.format("%011x%08x", tonumber(at), row_id)
    local hashes, run = word(), math.floor(row_id / RUN)
    for i = 1, #hashes, 4 do
      local name = run .. ":" .. hashes:byte(i) % BUCKETS
      local bucket = buckets[name] or {}
      buckets[name] = bucket
      bucket[#bucket + 1] = hashes:sub(i, i + 3) .. struct.pack(">I4", row_id % RUN)
    end
  end
  if count > 0 then call("HSET", base .. "attempts", unpack(attempts)) end
  for name, of_key in pairs(places) do call("ZADD", name, unpack(of_key)) end
  for name, entries in pairs(buckets) do call("APPEND", base .. "ids:" .. name, table.concat(entries)) end
end

local function add_days()
  for _ = 1, number() do
    local user, day = word(), word()
    local sums = base .. "usage_daily:" .. day
    if call("EXISTS", sums) == 0 then
      call("ZADD", base .. "days", 0, day)
      call("ZADD", base .. "days_of:" .. user, 0, day)
    end
    -- Lines from before charges were kept: they were as the cost.
    call("HSETNX", sums, "charge_nano_usd", call("HGET", sums, "cost_nano_usd") or "0")
    for _, name in ipairs(SUMS) do
      local added = word()
      if added ~= "0" then call("HINCRBY", sums, name, added) end
    end
  end
end

-- A cap of a day is all that asks for them: they go by themselves.
local function add_account_days()
  for _ = 1, number() do
    local costs, account, cost = base .. "account_costs:" .. word(), word(), word()
    call("HINCRBY", costs, account, cost)
    call("EXPIRE", costs, 8 * 86400)
  end
end

-- {"known", places...} of those of the next `count` records whose attempts are there; nil when none is.
local function known_of(count)
  local known, attempts = {"known"}, {}
  for i = 1, count do attempts[i] = ARGV[word_at + (i - 1) * 10 + 3] end
  for i, row_id in ipairs(count > 0 and call("HMGET", base .. "attempts", unpack(attempts)) or {}) do
    if row_id then known[#known + 1] = i end
  end
  return #known > 1 and known or nil
end

-- All or nothing: records, with all that is counted of them here. Words: node, first and last sequence, then lists
-- that each begin with their length: kinds (text, user, key), records (kind's place, at, attempt, request, upstream,
-- message, error, address, figures, ids' hashes), days (user, name, SUMS), accounts' days (day, account, cost), counters (7 words,
-- see usage_counters.lua).
-- {"behind", last} or {"known", places...}: it did nothing, since the sums were made of records that are there.
calls.append = function()
  local node, first, last = word(), number(), word()
  local stored = tonumber(call("HGET", base .. "last_seq", node) or "0")
  if stored >= first then return {"behind", stored} end
  local kinds, count = read_kinds(), number()
  local known = known_of(count)
  if known then return known end

  for _, kind in ipairs(kinds) do give_number(kind) end
  add_records(kinds, count)
  add_days()
  add_account_days()
  local owed = {}
  for i = 1, number() * 7 do owed[i] = word() end
  if #owed > 0 then call("XADD", base .. "owed", "*", "counters", cmsgpack.pack(owed)) end
  call("HSET", base .. "last_seq", node, last)
  return {"added", count}
end

-- What a row costs and whether it is priced, as words. The figures are those of usage_text.cpp.
local function cost_of(row_id)
  local entry = call("XRANGE", base .. "logs", row_id .. "-0", row_id .. "-0")[1]
  if not entry then return nil end
  local changed = call("HGET", base .. "costs:" .. math.floor(row_id / COSTS_RUN), row_id % COSTS_RUN)
  if changed then return changed .. " 1" end
  local figures = {}
  for figure in entry[2][18]:gmatch("%S+") do figures[#figures + 1] = figure end
  local is_priced = math.floor(tonumber(figures[3]) / 4) % 2 == 0
  return figures[13] .. (is_priced and " 1" or " 0")
end

-- All or nothing: rows get another cost, and the lines of the roll-up the differences. Words: lists that each begin
-- with their length: rows (attempt, "<cost> <1 if priced>" as it was, new cost), days (name, differences of
-- cost and of unpriced requests), accounts' days (day, account, difference).
-- {"stale", places...}: it did nothing, since these are gone, or are not as they were.
calls.change_costs = function()
  local attempts, before, after = {}, {}, {}
  for i = 1, number() do attempts[i], before[i], after[i] = word(), word(), word() end
  local rows, stale = call("HMGET", base .. "attempts", unpack(attempts)), {"stale"}
  for i = 1, #attempts do
    if not rows[i] or cost_of(tonumber(rows[i])) ~= before[i] then stale[#stale + 1] = i end
  end
  if #stale > 1 then return stale end

  call("SET", base .. "costs_changed", "1")
  for i, row in ipairs(rows) do
    local row_id = tonumber(row)
    call("HSET", base .. "costs:" .. math.floor(row_id / COSTS_RUN), row_id % COSTS_RUN, after[i])
  end
  for _ = 1, number() do
    local sums, cost, unpriced = base .. "usage_daily:" .. word(), word(), word()
    if call("EXISTS", sums) == 1 then
      call("HINCRBY", sums, "cost_nano_usd", cost)
      -- Not below none: days from before there was this sum have not counted them.
      if call("HINCRBY", sums, "unpriced_requests", unpriced) < 0 then call("HSET", sums, "unpriced_requests", 0) end
    end
  end
  add_account_days()
  return {"changed", #rows}
end

-- For copies: records, counted for their accounts' days alone. Words: kinds, records and accounts' days as for append.
calls.restore = function()
  local kinds, count = read_kinds(), number()
  local known = known_of(count)
  if known then return known end
  for _, kind in ipairs(kinds) do give_number(kind) end
  add_records(kinds, count)
  add_account_days()
  return {"added", count}
end

-- For copies: lines of the roll-up in the place of those of the same name. Words: a count, and user, name and SUMS of
-- each.
calls.restore_days = function()
  for _ = 1, number() do
    local user, day = word(), word()
    call("ZADD", base .. "days", 0, day)
    call("ZADD", base .. "days_of:" .. user, 0, day)
    for _, name in ipairs(SUMS) do call("HSET", base .. "usage_daily:" .. day, name, word()) end
  end
  return 1
end

-- What is owed to the counters, oldest first: id and counters of at most 8. Word: the last that was counted, up to
-- which they are forgotten, or "".
calls.owed = function()
  local counted = word()
  if counted ~= "" then
    local ms, seq = counted:match("^(%d+)-(%d+)$")
    call("XTRIM", base .. "owed", "MINID", "=", ms .. "-" .. string.format("%d", tonumber(seq) + 1))
  end
  local out = {}
  for _, entry in ipairs(call("XRANGE", base .. "owed", "-", "+", "COUNT", 8)) do
    out[#out + 1] = entry[1]
    out[#out + 1] = entry[2][2]
  end
  return out
end

-- Deletes the rows that were stored first. Words: before, count. How many.
calls.delete_oldest = function()
  local before, gone, first_id, row_id = number(), 0, nil, nil
  for _, entry in ipairs(call("XRANGE", base .. "logs", "-", "+", "COUNT", word())) do
    local values = entry[2]
    local at = tonumber(values[4])
    if at >= before then break end
    row_id = tonumber(entry[1]:match("^%d+"))
    first_id = first_id or row_id
    local rows = base .. "rows_of:" .. call("HGET", base .. "kind_owners", values[2])
    call("ZREM", rows, string.format("%011x%08x", at, row_id))
    call("HDEL", base .. "attempts", values[6])
    gone = gone + 1
  end
  if not row_id then return 0 end
  call("XTRIM", base .. "logs", "MINID", "=", (row_id + 1) .. "-0")
  for run = math.floor(first_id / COSTS_RUN), math.floor((row_id + 1) / COSTS_RUN) - 1 do
    call("UNLINK", base .. "costs:" .. run)
  end
  -- The runs of ids whose rows are all gone now.
  local first, kept = tonumber(call("GET", base .. "first_run") or "0"), math.floor((row_id + 1) / RUN)
  for run = first, kept - 1 do
    for bucket = 0, BUCKETS - 1 do call("UNLINK", base .. "ids:" .. run .. ":" .. bucket) end
  end
  if kept > first then call("SET", base .. "first_run", kept) end
  return gone
end

return calls[word()]()
