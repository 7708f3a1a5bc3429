local calls = {}

function calls.list()
  return page_on("upstream_accounts", "created")
end

function calls.find()
  local found = raw("upstream_accounts", word())
  if #found == 0 then return refuse("account_unknown") end
  return found
end

function calls.insert()
  local account, most = fields(), number()
  if count("upstream_accounts", "created") >= most then return refuse("account_limit_reached") end
  return insert("upstream_accounts", account) and refuse("duplicate")
end

function calls.update()
  local id = word()
  if not exists("upstream_accounts", id) then return refuse("account_unknown") end
  if patch("upstream_accounts", id, fields()) then return refuse("duplicate") end
  return raw("upstream_accounts", id)
end

-- Words: the id, the secrets as they are thought to be, and as they shall be. 1 when they were.
function calls.reseal()
  local id, credential, password, changes = word(), word(), word(), fields()
  local credential_now, password_now = values("upstream_accounts", id, "sealed_credential", "sealed_proxy_password")
  if credential_now ~= credential or password_now ~= password then return 0 end
  patch("upstream_accounts", id, changes)
  return 1
end

function calls.remove()
  if not drop("upstream_accounts", word()) then return refuse("account_unknown") end
  return 1
end

return answer(calls)
