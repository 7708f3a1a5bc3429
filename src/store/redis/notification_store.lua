local calls = {}

-- Words: the notification, how many mails (0 or 1), the mail.
calls.insert = function()
  local notification, mail = fields(), nil
  if number() == 1 then mail = fields() end
  if not exists("users", notification.user_id) then return refuse("user_unknown") end
  if mail and exists("outbox", mail.id) then return refuse("duplicate") end
  if insert("notifications", notification) then return refuse("duplicate") end
  if mail then insert("outbox", mail) end
  return 1
end

-- Words: user, "1" for unread ones only.
calls.list = function()
  local user, unread_only = word(), word() == "1"
  local function keep(id) return not values("notifications", id, "read_at_ms") end
  return page("notifications", "shown", id_of(user, "1"), unread_only and keep or nil)
end

calls.mark_read = function()
  local user, id, now = word(), word(), word()
  local owner, read_at = values("notifications", id, "user_id", "read_at_ms")
  if owner ~= user then return refuse("notification_unknown") end
  if not read_at then patch("notifications", id, {read_at_ms = now}) end
  return 1
end

calls.delete_old = function()
  return sweep("notifications", "created", nil, word())
end

return answer(calls)
