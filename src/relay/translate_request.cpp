#include "relay/phases.h"

#include "async/blocking_pool.h"

namespace relay {

Task<> translate_request(Exchange& exchange, BlockingPool& pool) {
  auto& call = *exchange.translated;
  const auto model = exchange.account->upstream_model(exchange.requested_model);
  const auto body = exchange.body();
  if (body.size() <= kTranslatedInPlaceBytesMax) {
    CO_TRY(call.body, call.translation->request(body, model));
    co_return ok;
  }
  auto work = [&call, model, body] { return call.translation->request(body, model); };
  CO_TRY(call.body, co_await pool.run(std::move(work)));
  co_return ok;
}

}  // namespace relay
