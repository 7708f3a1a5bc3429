-- Rows as they are, for copies.
local calls = {}

-- The index that has all rows of the table, in an order that stays.
local function whole(name)
  local sorted = table_of(name).sorted
  for _, index in ipairs({"all", "created", "sequence", "ended", "spent", "expires", "seen"}) do
    if sorted[index] and not sorted[index].group and not sorted[index].member then return index end
  end
  error("no index has all rows of " .. name)
end

-- Words: table, place (score, member), count. {rows} and, when there may be more, the place of the last.
calls.read = function()
  local name, score, member, wanted = word(), word(), word(), number()
  local index = whole(name)
  local members = following(name, index, nil, score, member, wanted)
  local found = {}
  for i, id in ipairs(members) do found[i] = raw(name, id) end
  if #members < wanted then return {found} end
  local last = members[#members]
  return {found, call("ZSCORE", index_key(name, index), last), last}
end

-- Words: table, count, rows.
calls.put = function()
  local name = word()
  for _ = 1, number() do
    if upsert(name, fields()) then return refuse("duplicate") end
  end
  return 1
end

-- Deletes at most so many rows. How many.
calls.clear = function()
  local name, wanted = word(), number()
  local members = call("ZRANGE", index_key(name, whole(name)), 0, wanted - 1)
  for _, id in ipairs(members) do drop(name, id) end
  return #members
end

-- Words: a list of tables. How many rows each has.
calls.count = function()
  local found = {}
  for i, name in ipairs(list()) do found[i] = count(name, whole(name)) end
  return found
end

return calls[word()]()
