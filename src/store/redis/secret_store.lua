local calls = {}

function calls.find()
  return raw("sealed_secrets", word())
end

function calls.put_if_absent()
  local secret = fields()
  insert("sealed_secrets", secret)
  return raw("sealed_secrets", secret.name)
end

-- Words: the name, the secret as it is thought to be, and as it shall be. 1 when it was.
function calls.reseal()
  local name, before, after = word(), word(), word()
  if values("sealed_secrets", name, "sealed") ~= before then return 0 end
  patch("sealed_secrets", name, {sealed = after})
  return 1
end

return answer(calls)
