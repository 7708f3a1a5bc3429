local calls = {}

function calls.list()
  return page_on("model_prices", "all")
end

function calls.put()
  for _ = 1, number() do upsert("model_prices", fields()) end
end

return answer(calls)
