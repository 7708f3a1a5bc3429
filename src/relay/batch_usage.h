// Records what a batch used, and counts it, while its results pass by.
#pragma once

#include "coordination/quota.h"
#include "dialect/batch_results.h"
#include "relay/object_exchange.h"
#include "relay/settle.h"

namespace relay {

/// Lives in the exchange, to which it settles. What the lines of a piece used counts against the budgets and
/// limits of tokens of who made the batch, in the windows that it was made in, when the piece has passed;
/// against those of another key of the same person than the one that reads, when their sums are loaded anew.
class BatchUsage final : public PayloadReader {
 public:
  /// All must outlive it.
  BatchUsage(Exchange& exchange, Settlement& settlement, Quotas& quotas);

  void feed(std::string_view payload) override {
    lines_.feed(payload);
    count();
  }
  void end() override {
    lines_.end();
    count();
    ended_ = true;
  }
  /// Every line was seen, to the last.
  bool is_whole() const { return ended_ && !lines_.skipped(); }

 private:
  void count();

  Quotas& quotas_;
  QuotaCall call_;  // of who made it, when it was made
  BatchUse uncounted_;
  BatchResultLines lines_;
  bool ended_ = false;
};

}  // namespace relay
