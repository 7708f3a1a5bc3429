#include "relay/batch_usage.h"

#include "relay/exchange.h"

namespace relay {

BatchUsage::BatchUsage(Exchange& exchange, Settlement& settlement)
    : lines_(exchange.json, [&exchange, &settlement](const BatchResult& result) {
        settlement.settle_batch_result(exchange, exchange.object->found, result);
      }) {}

}  // namespace relay
