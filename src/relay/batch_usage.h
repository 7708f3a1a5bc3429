// Records what a batch used while its results pass by.
#pragma once

#include "dialect/batch_results.h"
#include "relay/object_exchange.h"
#include "relay/settle.h"

namespace relay {

/// Lives in the exchange, to which it settles.
class BatchUsage final : public PayloadReader {
 public:
  /// All must outlive it.
  BatchUsage(Exchange& exchange, Settlement& settlement);

  void feed(std::string_view payload) override { lines_.feed(payload); }
  void end() override {
    lines_.end();
    ended_ = true;
  }
  /// Every line was seen, to the last.
  bool is_whole() const { return ended_ && !lines_.skipped(); }

 private:
  BatchResultLines lines_;
  bool ended_ = false;
};

}  // namespace relay
