#include "json/look_inside.h"

#include "json/json_index.h"
#include "relay/phases.h"

namespace relay {

Result<> look_inside(Exchange& exchange) {
  if (exchange.operation.kind == RelayOperation::Kind::list_models) return ok;
  exchange.request_bytes = exchange.body().size();
  TRY(auto facts, look_inside(exchange.body(), exchange.json));
  if (facts.model.empty()) {
    return Error(ErrorKind::validation, "model_required", "model: Field required")
        .on_field("model", "is required");
  }
  exchange.requested_model = std::move(facts.model);
  exchange.wants_stream = facts.stream;
  return ok;
}

}  // namespace relay
