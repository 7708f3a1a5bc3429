// Closes the account of an attempt: what it used, what it cost, written to the journal.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "dialect/batch_results.h"
#include "domain/provider_object.h"
#include "domain/usage_record.h"
#include "metering/price_book.h"
#include "relay/turn_journal.h"

#include <string_view>

namespace relay {

struct Exchange;
struct KeptAnswer;
class ProviderObjects;

/// What lines of a batch used that nobody has counted yet.
struct BatchUse {
  std::int64_t tokens = 0;  // as limits count them
  std::int64_t nano_usd = 0;
};

/// One per worker; on its thread. Settling never waits for the store: the record goes to the journal,
/// which survives a kill, at the end of this turn of the loop. Each attempt is settled once; a second call
/// does nothing.
class Settlement {
 public:
  struct Parts {  // all must outlive it
    TurnJournal& turn;
    const PriceBook& prices;
    ProviderObjects& objects;
    const Clock& clock;
  };
  explicit Settlement(Parts parts) : parts_(parts) {}

  /// Comes back when what was settled so far survives a kill.
  Awaitable<void> written() { return parts_.turn.written(); }
  Awaitable<void> written_and_sent(Stream& stream, std::string_view bytes, WriteOutcome& outcome) {
    return parts_.turn.written_and_sent(stream, bytes, outcome);
  }

  /// In force now.
  const PriceTable& prices();

  SteadyTime steady_now() const { return parts_.clock.steady_now(); }

  /// An attempt whose answer's head never came. `error_type`: the relay's word for it.
  void settle_unanswered(Exchange& exchange, AttemptOutcome outcome, std::string_view error_type);
  /// With what the tap has read. A status of 400 and more, or an error event, makes it provider_error.
  void settle_answered(Exchange& exchange, AttemptOutcome outcome);
  /// A call that the response cache answers: no provider was asked, so nothing is owed. The usage of the
  /// answer stands in its record for information.
  void settle_kept(Exchange& exchange, const KeptAnswer& answer);

  /// One request of `batch` (its results' file, with OpenAI), for whoever made it, at the price of batches.
  /// The attempt's id and time follow from the batch and the request's own name, so that it counts once,
  /// however often, and on however many nodes, the results are read. What it used for limits and budgets;
  /// nothing for a line that this node has counted before (ProviderObjects::is_first_reading).
  BatchUse settle_batch_result(const Exchange& exchange, const ProviderObject& batch,
                               const BatchResult& result);

 private:
  UsageRecordView record_of(const Exchange& exchange);
  void price(UsageRecordView& record);
  void remember_answer(const Exchange& exchange, const AnswerFacts& facts);

  Parts parts_;
  std::shared_ptr<const PriceTable> prices_;
  std::uint64_t prices_version_ = 0;
  std::string attempt_id_;  // scratch: the record that is being made looks at it
};

/// Adds what an attempt used to the sum of its call, and closes the call unless exchange.is_followed.
/// Settlement does it with every record.
void add_to_call(Exchange& exchange, const UsageRecordView& record);
/// Puts what all attempts used in the place of what limits and budgets hold for the call. Once: before the
/// answer's last bytes leave, so that the client's next call finds it; else when the exchange ends.
void close_call(Exchange& exchange);

/// What a client that left would have been told.
Error client_left();

/// Whether nobody waits for the attempt any more: the client has left, or the call's other attempt serves.
bool is_given_up(const Exchange& exchange);
/// The attempt had been sent, and no answer that anybody heard had come.
void settle_given_up(Exchange& exchange, Settlement& settlement);
Error given_up(const Exchange& exchange);

}  // namespace relay
