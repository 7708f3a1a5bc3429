local calls = {}

-- Word: the record without its balance_after, which is answered. As text: money may be more than a number of Lua's
-- can hold.
calls.post = function()
  local record = fields()
  if not exists("users", record.user_id) then return refuse("user_unknown") end
  if exists("billing_records", record.id) then return refuse("duplicate") end
  if record.reference and id_by("billing_records", "reference", record.reference) then return refuse("duplicate") end
  local user = row_key("users", record.user_id)
  call("HINCRBY", user, "balance_nano_usd", record.amount_nano_usd)
  record.balance_after_nano_usd = call("HGET", user, "balance_nano_usd")
  insert("billing_records", record)
  return record.balance_after_nano_usd
end

calls.list = function()
  return page("billing_records", "user", word())
end

return answer(calls)
