local calls = {}

local taken = {email = "email_taken", username = "username_taken", id = "duplicate"}

local function is_active_admin(user)
  return user.role == "admin" and user.status == "active"
end

local function is_last_admin()
  return count("users", "standing", id_of("admin", "active")) <= 1
end

function calls.insert()
  local user = fields()
  if not exists("plans", user.plan_id) then return refuse("plan_unknown") end
  local violated = insert("users", user)
  return violated and refuse(taken[violated])
end

function calls.find()
  local found = raw("users", word())
  if #found == 0 then return refuse("user_unknown") end
  return found
end

function calls.find_by_email()
  local id = id_by("users", "email", word())
  if not id then return refuse("user_unknown") end
  return raw("users", id)
end

function calls.update()
  local id, changes = word(), fields()
  local user = row("users", id)
  if not user then return refuse("user_unknown") end
  if changes.plan_id and not exists("plans", changes.plan_id) then return refuse("plan_unknown") end
  if is_active_admin(user) and is_last_admin() then
    local after = {role = changes.role or user.role, status = changes.status or user.status}
    if not is_active_admin(after) then return refuse("last_admin") end
  end
  local violated = patch("users", id, changes)
  if violated then return refuse(taken[violated]) end
  return raw("users", id)
end

function calls.record_login()
  local id = word()
  if exists("users", id) then patch("users", id, {last_login_at_ms = word()}) end
end

function calls.list()
  local status, role, plan, search = word(), word(), word(), word()
  return page("users", "created", nil, function(id)
    local own_status, own_role, own_plan, email, username =
      values("users", id, "status", "role", "plan_id", "email", "username")
    return (status == "" or own_status == status) and (role == "" or own_role == role) and
      (plan == "" or own_plan == plan) and (search == "" or has(email, search) or has(username, search))
  end)
end

-- What a person wrote on a key, and where it was used from, is about that person too.
local function erase_keys(id, now, score, member)
  local keys = following("api_keys", "user", id, score, member, CHANGES)
  for i, key in ipairs(keys) do
    patch("api_keys", key, {
      status = "revoked", name = "deleted", description = "", tags = "", metadata = "{}", ip_rules = "",
      last_used_address = "", updated_at_ms = now
    })
    if i == CHANGES then return {i, call("ZSCORE", index_key("api_keys", "user", id), key), key} end
  end
  return {#keys}
end

-- Of the kind of sweep(). Called again it goes on where it was.
function calls.erase()
  local id, now = word(), word()
  local _, score, member = word(), word(), word()
  local user = row("users", id)
  if not user then return refuse("user_unknown") end
  if is_active_admin(user) and is_last_admin() then return refuse("last_admin") end
  -- A username of people has at most 32 characters and an address has an '@': no one can take these.
  patch("users", id, {
    email = "deleted " .. id, username = "deleted " .. id, display_name = "", password_hash = "", status = "deleted",
    email_verified = "0", settings = "{}", metadata = "{}", timezone = "UTC", locale = "en", updated_at_ms = now
  })
  local budget = BUDGET
  local gone = {{"outbox", "user"}}
  for _, child in ipairs(table_of("users").children) do
    if child[1] ~= "api_keys" then gone[#gone + 1] = child end
  end
  budget = drop_children(gone, id, budget)
  if budget == 0 then return {0, score, member} end
  return erase_keys(id, now, score, member)
end

-- Who has billing records stays for them.
function calls.delete_erased()
  return sweep("users", "updated", "deleted", word(), function(id) return count("billing_records", "user", id) > 0 end)
end

return answer(calls)
