// The price table in the hands of administrators.
#pragma once

#include "base/clock.h"
#include "coordination/invalidation.h"
#include "metering/price_refresh.h"
#include "service/audit_service.h"
#include "store/price_store.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

/// Fields that are not set let everything pass.
struct PriceFilter {
  std::optional<std::string> model{};  // a line's own name, or one that its pattern matches
  std::optional<WallTime> at{};  // only what is in force then: of lines that follow each other the newest
};

/// In the order of PriceStore::list(), which `lines` has.
std::vector<ModelPrice> filter_prices(std::vector<ModelPrice> lines, const PriceFilter& filter);

/// What the audit trail keeps of a line.
AuditDetails audit_details_of(const ModelPrice& line);

/// A line holds from its effective_from until the next one of its model, tier and context_over begins: it is
/// ended by adding that one. A call has the price that was in force when it began. All calls: `admin` is
/// somebody whose role was checked; unavailable when the store is away. Each change is in force on this node
/// when its call returns, on others within two seconds, and in the audit trail. Thread-safe.
class PriceService {
 public:
  struct Parts {  // all must outlive the service
    PriceStore& prices;
    PriceRefresh& refresh;
    AuditService& audit;
    Invalidation& invalidation;
    const Clock& clock;
  };

  explicit PriceService(Parts parts) : parts_(parts) {}

  Task<std::vector<ModelPrice>> list(PriceFilter filter);
  /// conflict "price_exists": a line of that model, tier, context_over and time is there.
  Task<ModelPrice> add(Actor admin, ModelPrice line);
  /// Puts right what a line says, also one that is in force: stored usage keeps its cost. not_found
  /// "price_unknown".
  Task<ModelPrice> correct(Actor admin, PriceLineName name, GivenRates rates);
  /// not_found "price_unknown"; conflict "price_in_force" for a line that has begun: usage was priced by it.
  Task<> remove(Actor admin, PriceLineName name);

 private:
  Task<> tell(std::string_view action, Actor admin, ModelPrice line);
  Task<ModelPrice> find(PriceLineName name);

  Parts parts_;
};

}  // namespace relay
