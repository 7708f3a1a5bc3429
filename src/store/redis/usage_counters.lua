-- What of usage lies with everything else: the counters of keys and users, and the nodes.
local calls = {}

local function is_behind(id, counted)
  local ms, seq = id:match("^(%d+)-(%d+)$")
  local counted_ms, counted_seq = counted:match("^(%d+)-(%d+)$")
  ms, seq, counted_ms, counted_seq = tonumber(ms), tonumber(seq), tonumber(counted_ms), tonumber(counted_seq)
  return ms > counted_ms or (ms == counted_ms and seq > counted_seq)
end

-- No index has these columns. A row that is gone is passed over.
local function add_to(name, id, requests, tokens, cost)
  if not exists(name, id) then return false end
  local key = row_key(name, id)
  call("HINCRBY", key, "usage_requests", requests)
  call("HINCRBY", key, "usage_tokens", tokens)
  call("HINCRBY", key, "usage_cost_nano_usd", cost)
  return true
end

-- Adds what partitions owe, each once. Words: a list of partition, id and counters (packed: key, user, requests,
-- tokens, cost, at, address of each).
calls.count = function()
  local entries = list()
  for i = 1, #entries, 3 do
    local partition, id = entries[i], entries[i + 1]
    if is_behind(id, call("HGET", base .. "usage_counted", partition) or "0-0") then
      local owed = cmsgpack.unpack(entries[i + 2])
      for at = 1, #owed, 7 do
        if add_to("api_keys", owed[at], owed[at + 2], owed[at + 3], owed[at + 4]) then
          local used = tonumber(values("api_keys", owed[at], "last_used_at_ms") or "0")
          if tonumber(owed[at + 5]) >= used then
            call("HSET", row_key("api_keys", owed[at]), "last_used_at_ms", owed[at + 5], "last_used_address",
                 owed[at + 6])
          end
        end
        add_to("users", owed[at + 1], owed[at + 2], owed[at + 3], owed[at + 4])
      end
      call("HSET", base .. "usage_counted", partition, id)
    end
  end
  return 1
end

calls.last_sequence = function()
  return tonumber(values("node_offsets", word(), "last_seq") or "0")
end

-- Never back.
calls.move_offset = function()
  local node, last = word(), word()
  if not exists("node_offsets", node) then
    insert("node_offsets", {node_id = node, last_seq = last, holder = "", lease_until_ms = "0"})
  elseif tonumber(values("node_offsets", node, "last_seq") or "0") < tonumber(last) then
    patch("node_offsets", node, {last_seq = last})
  end
  return 1
end

calls.lease = function()
  local node, holder, now, lease_until = word(), word(), number(), word()
  local found = row("node_offsets", node)
  if not found then
    insert("node_offsets", {node_id = node, last_seq = "0", holder = holder, lease_until_ms = lease_until})
    return 1
  end
  if found.holder ~= holder and tonumber(found.lease_until_ms or "0") > now then return 0 end
  patch("node_offsets", node, {holder = holder, lease_until_ms = lease_until})
  return 1
end

return answer(calls)
