#include "relay/batch_usage.h"

#include "relay/exchange.h"
#include "service/quota_call.h"

#include <utility>

namespace relay {
namespace {

QuotaCall quotas_of_batch(const KeyAccess& reader, const ProviderObject& batch) {
  const auto all = quotas_of(reader, batch.created_at);
  QuotaCall call{.user_id = all.user_id, .key_id = all.key_id};
  for (const auto& limit : all.all()) {
    if (limit.owner != QuotaOwner::key || batch.key_id == reader.key_id) call.add(limit);
  }
  return call;
}

}  // namespace

BatchUsage::BatchUsage(Exchange& exchange, Settlement& settlement, Quotas& quotas)
    : quotas_(quotas),
      call_(quotas_of_batch(*exchange.key, exchange.object->found)),
      lines_(exchange.json, [this, &exchange, &settlement](const BatchResult& result) {
        const auto use = settlement.settle_batch_result(exchange, exchange.object->found, result);
        uncounted_.tokens += use.tokens;
        uncounted_.nano_usd += use.nano_usd;
      }) {}

void BatchUsage::count() {
  const auto use = std::exchange(uncounted_, {});
  if (call_.count > 0 && (use.tokens > 0 || use.nano_usd > 0)) quotas_.count(call_, use.tokens, use.nano_usd);
}

}  // namespace relay
