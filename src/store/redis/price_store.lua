local calls = {}

function calls.list()
  return page_on("model_prices", "all")
end

function calls.put()
  for _ = 1, number() do upsert("model_prices", fields()) end
end

function calls.insert()
  if insert("model_prices", fields()) then return refuse("duplicate") end
end

function calls.remove()
  local model, tier, over, from = word(), word(), word(), word()
  if not drop("model_prices", id_of(model, tier, over, from)) then return refuse("price_unknown") end
end

return answer(calls)
