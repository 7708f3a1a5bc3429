-- Reads usage in one partition: its tag is KEYS[1].
local RUN, BUCKETS, COSTS_RUN = 8192, 16, 128  -- as in usage_store.lua
local SUMS = {"requests", "errors", "unpriced_requests", "cached_requests", "input_tokens", "cache_write_5m_tokens",
              "cache_write_1h_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens", "web_search_requests",
              "web_fetch_requests", "audio_input_tokens", "audio_cache_read_tokens", "audio_output_tokens",
              "image_input_tokens", "image_output_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens",
              "charge_nano_usd", "cost_nano_usd"}  -- likewise
local calls = {}

-- Rows for an answer: {kind, text...} of all their kinds, and {kind, place, figures, changed cost or "" [, attempt,
-- request, upstream, message, error, address]...}.
local function new_rows()
  return {kinds = {}, seen = {}, rows = {}, changed = call("EXISTS", base .. "costs_changed") == 1}
end

local function changed_cost(row_id)
  return call("HGET", base .. "costs:" .. math.floor(row_id / COSTS_RUN), row_id % COSTS_RUN) or ""
end

local function add_row(out, row_id, values, full)
  local kind, rows = values[2], out.rows
  if not out.seen[kind] then
    out.seen[kind] = true
    out.kinds[#out.kinds + 1] = kind
    out.kinds[#out.kinds + 1] = call("HGET", base .. "kind_texts", kind)
  end
  rows[#rows + 1] = kind
  rows[#rows + 1] = string.format("%011x%08x", tonumber(values[4]), row_id)
  rows[#rows + 1] = values[18]
  rows[#rows + 1] = out.changed and changed_cost(row_id) or ""
  if full then
    for i = 6, 16, 2 do rows[#rows + 1] = values[i] end
  end
end

-- Names and values in turn, in the order of usage_store.lua; nil when it was deleted.
local function log_entry(row_id)
  local entry = call("XRANGE", base .. "logs", row_id .. "-0", row_id .. "-0")[1]
  return entry and entry[2]
end

-- Rows of one key, newest first. Words: user, key, from and to (places of ZRANGEBYLEX), count, "1" for all of them.
-- {last place, or "" at the end, kinds, rows}.
calls.rows = function()
  local key, from, to, count, full = base .. "rows_of:" .. id_of(word(), word()), word(), word(), number(), word() == "1"
  local places = call("ZREVRANGEBYLEX", key, to, from, "LIMIT", 0, count)
  local out = new_rows()
  for _, place in ipairs(places) do
    local row_id = tonumber(place:sub(12), 16)
    local values = log_entry(row_id)
    if values then add_row(out, row_id, values, full) end
  end
  return {#places == count and places[#places] or "", out.kinds, out.rows}
end

-- Rows of everybody in the order in which they were stored. Words: id of XRANGE, count, and when rows began that are
-- wanted of these: from, to. As rows(): the last id for the place.
calls.logs = function()
  local behind, count, from, to = word(), number(), number(), number()
  local entries = call("XRANGE", base .. "logs", behind, "+", "COUNT", count)
  local out = new_rows()
  for _, entry in ipairs(entries) do
    local at = tonumber(entry[2][4])
    if at >= from and at < to then add_row(out, tonumber(entry[1]:match("^%d+")), entry[2], true) end
  end
  return {#entries == count and entries[#entries][1] or "", out.kinds, out.rows}
end

-- How many rows usage_logs and usage_daily have.
calls.count = function()
  return {call("XLEN", base .. "logs"), call("ZCARD", base .. "days")}
end

-- Keys with which a user has used something. Words: user, place of ZRANGEBYLEX, count.
calls.keys = function()
  return call("ZRANGEBYLEX", base .. "keys_of:" .. word(), word(), "+", "LIMIT", 0, word())
end

-- A piece of the roll-ups in the order of their names, and their sums. Words: user or "" for everybody, from and to
-- (places of ZRANGEBYLEX), count.
calls.days = function()
  local user = word()
  local names = user == "" and "days" or "days_of:" .. user
  local out = {}
  for _, day in ipairs(call("ZRANGEBYLEX", base .. names, word(), word(), "LIMIT", 0, word())) do
    out[#out + 1] = day
    local sums = call("HMGET", base .. "usage_daily:" .. day, unpack(SUMS))
    for i = 1, #SUMS do out[#out + 1] = sums[i] or SUMS[i] == "charge_nano_usd" and sums[#SUMS] or "0" end
  end
  return out
end

-- Accounts and what they cost in turn. Word: day.
calls.account_costs = function()
  return call("HGETALL", base .. "account_costs:" .. word())
end

-- The numbers of the run's rows that may have an id with this hash.
local function candidates(run, hash)
  local bytes = call("GET", base .. "ids:" .. run .. ":" .. hash:byte(1) % BUCKETS) or ""
  local found, from = {}, 1
  while true do
    local at = bytes:find(hash, from, true)
    if not at then return found end
    if (at - 1) % 8 == 0 then
      found[#found + 1] = run * RUN + struct.unpack(">I4", bytes, at + 4)
      from = at + 8
    else
      from = at + 1
    end
  end
end

-- A user's rows with an id, those stored last first. Words: user, id, its hash, the run to go on with or "".
-- {next run or -1, kinds, rows}. Looks into at most 64 runs, and ends behind the run in which it has looked at 500
-- rows, or found 100.
calls.find = function()
  local user, wanted, hash, run = word(), word(), word(), number()
  local out, looked, found = new_rows(), 0, 0
  local function look(row_id)
    looked = looked + 1
    local values = log_entry(row_id)
    if not values then return end
    local owner = call("HGET", base .. "kind_owners", values[2]) or ""
    if owner:sub(1, #user + 1) ~= user .. SEPARATOR then return end
    if values[6] ~= wanted and values[8] ~= wanted and values[10] ~= wanted and values[12] ~= wanted then return end
    found = found + 1
    add_row(out, row_id, values, true)
  end

  if not run then
    local attempt = call("HGET", base .. "attempts", wanted)
    if attempt then look(tonumber(attempt)) end
    run = math.floor(tonumber(call("GET", base .. "last_row") or "0") / RUN)
  end
  local first = tonumber(call("GET", base .. "first_run") or "0")
  local last_looked = math.max(first, run - 63)
  while run >= last_looked and looked < 500 and found < 100 do
    local rows = candidates(run, hash)
    for i = #rows, 1, -1 do
      if found < 100 then look(rows[i]) end
    end
    run = run - 1
  end
  return {run >= first and found < 100 and run or -1, out.kinds, out.rows}
end

return calls[word()]()
