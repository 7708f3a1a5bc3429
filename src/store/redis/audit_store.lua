-- The audit trail. Its hashes are made outside: the secret is not for Redis. So a writer reads the head, makes the
-- links, and writes them if the head is still the one with that seal.
local calls = {}

local function is_head(seal)
  return (values("audit_head", "1", "seal") or "") == seal
end

-- {the head's row, whether there is any entry, places of those of the ids that are there}.
calls.head = function()
  local known = {}
  for i, id in ipairs(list()) do
    if id_by("audit_logs", "id", id) then known[#known + 1] = i end
  end
  return {raw("audit_head", "1"), count("audit_logs", "sequence") > 0 and 1 or 0, known}
end

-- Words: the seal of the head before, the new head, and a number of rows. 0: the head is another by now.
calls.append = function()
  if not is_head(word()) then return 0 end
  local head, entries = fields(), {}
  for i = 1, number() do
    entries[i] = fields()
    -- Somebody else's hand: behind our head there is nothing.
    if exists("audit_logs", entries[i].sequence) then return refuse("duplicate") end
  end
  upsert("audit_head", head)
  for _, entry in ipairs(entries) do insert("audit_logs", entry) end
  return 1
end

-- Sequence, hash and time of the oldest entries under a sequence. Words: sequence, how many.
calls.oldest = function()
  local found = {}
  for _, sequence in ipairs(ids("audit_logs", "sequence", nil, "-inf", "(" .. word(), word())) do
    found[#found + 1] = sequence
    found[#found + 1], found[#found + 2] = values("audit_logs", sequence, "row_hash", "created_at_ms")
  end
  return found
end

-- Words: the seal of the head before, the new head, up to which sequence. How many went, or -1 as 0 of append.
calls.trim = function()
  if not is_head(word()) then return -1 end
  upsert("audit_head", fields())
  local gone = 0
  for _, sequence in ipairs(ids("audit_logs", "sequence", nil, "-inf", word(), CHANGES)) do
    drop("audit_logs", sequence)
    gone = gone + 1
  end
  return gone
end

-- Entries behind a sequence, oldest first. Words: sequence, how many.
calls.chain = function()
  local found = {}
  for _, sequence in ipairs(ids("audit_logs", "sequence", nil, "(" .. word(), "+inf", word())) do
    found[#found + 1] = raw("audit_logs", sequence)
  end
  return found
end

-- Words: index, its group or "", actor, the beginning of an action, outcome, from; "" for all of each.
calls.list = function()
  local index, group, actor, action, outcome, from = word(), word(), word(), string.lower(word()), word(), number()
  local function keep(id)
    local its_actor, its_action, its_outcome, at = values("audit_logs", id, "actor_id", "action", "outcome",
                                                           "created_at_ms")
    return (actor == "" or its_actor == actor) and string.lower(its_action):sub(1, #action) == action and
           (outcome == "" or its_outcome == outcome) and (not from or tonumber(at) >= from)
  end
  local is_all = actor == "" and action == "" and outcome == "" and not from
  local piece = page("audit_logs", index, index ~= "created" and group or nil, not is_all and keep or nil)
  if from and piece[2] and tonumber(piece[2]) < from then return {piece[1]} end  -- all that follow are older
  return piece
end

return answer(calls)
