// Reads an answer's usage while its bytes pass by unchanged.
#pragma once

#include "dialect/usage_reader.h"
#include "domain/usage_record.h"
#include "http/sse_scanner.h"
#include "relay/object_exchange.h"
#include "relay/payload.h"

#include <string>
#include <string_view>

namespace relay {

/// Takes the payload in any pieces (chunk framing taken off). Never an error: what it can't read it
/// does not count. Memory: nothing for a stream whose events arrive whole; a JSON answer that arrives in
/// pieces is kept, up to 32 MB; of one of Embeddings only both ends.
class Tap {
 public:
  /// `json` is scratch that the taps of one thread share; it must outlive the tap.
  Tap(WireDialect dialect, JsonIndex& json, int status, bool is_event_stream, ContentCoding coding);

  /// From here on it reads nothing itself: `reader`, which must outlive it, does; null: nobody.
  void leave_to(PayloadReader* reader) {
    left_ = true;
    other_ = reader;
  }

  void feed(std::string_view payload);
  /// After all of one read has been fed: whether that was the end of the body. The bytes fed must still
  /// be there, with room for a parser's look-ahead behind them.
  void end_of_read(bool body_complete);

  /// The protocol's own end has been seen (message_stop, [DONE], response.completed, or the whole JSON).
  bool complete() const { return complete_; }
  /// The stream stands between two events: one of ours can be put in.
  bool between_events() const { return is_event_stream_ && !payload_.is_coded() && events_.between_events(); }
  bool is_event_stream() const { return is_event_stream_; }

  /// Closes the account: what was used, and whether some of it had to be estimated. Once.
  const AnswerFacts& finish();

 private:
  void take(std::string_view payload);
  void keep(std::string_view payload);
  void read_whole(std::string_view body);

  UsageReader reader_;
  SseScanner events_;
  Payload payload_;
  std::string_view whole_;  // a JSON body that came in one piece
  std::string kept_;
  const bool is_error_;
  const bool is_event_stream_;
  const bool keeps_ends_;  // and not what lies between them
  PayloadReader* other_ = nullptr;
  bool left_ = false;
  bool complete_ = false;
};

}  // namespace relay
