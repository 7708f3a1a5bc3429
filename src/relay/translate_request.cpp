#include "relay/phases.h"

#include "async/blocking_pool.h"

namespace relay {

Task<> translate_request(Exchange& exchange, BlockingPool& pool) {
  auto& call = *exchange.translated;
  const auto body = exchange.body();
  if (body.size() <= kTranslatedInPlaceBytesMax) {
    CO_TRY(call.body, call.translation->request(body, exchange.requested_model));
    co_return ok;
  }
  auto work = [&call, &exchange, body] { return call.translation->request(body, exchange.requested_model); };
  CO_TRY(call.body, co_await pool.run(std::move(work)));
  co_return ok;
}

}  // namespace relay
