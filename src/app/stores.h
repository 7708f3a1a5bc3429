// The stores of this installation, opened as the settings say. Commands and the server share it.
#pragma once

#include "app/settings.h"
#include "async/task.h"
#include "base/clock.h"
#include "store/all_stores.h"
#include "store/migrations.h"

#include <memory>
#include <optional>
#include <vector>

namespace relay {

/// Every door, behind which only this class knows what stands.
class Stores : public AllStores {
 public:
  virtual Task<std::vector<int>> migrate(WallTime now, std::optional<int> to) = 0;
  virtual Task<std::vector<int>> rollback(std::optional<int> to) = 0;
  virtual Task<MigrationStatus> status() = 0;

  /// Waits for what runs; later calls are unavailable. Before the io_contexts that wait on it go.
  virtual void stop() = 0;
};

/// Opens the store; does not migrate it. Throws std::runtime_error with words for the operator.
std::unique_ptr<Stores> open_stores(const Settings& settings);

}  // namespace relay
