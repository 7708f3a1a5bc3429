// Splits a stream of server-sent events (WHATWG HTML 9.2.6) into events, as its bytes pass by.
#pragma once

#include "http/head_limits.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace relay {

/// One event. The views are good until the next call of the scanner.
struct SseEvent {
  std::string_view name;  // of the event: line; empty when there is none
  std::string_view data;  // lines joined with LF
};

/// Takes the payload in any pieces; the events are the same for every splitting. LF, CRLF and CR end a
/// line; a byte order mark at the start, comments, id: and retry: are passed over; an event without a
/// data line is none; what the stream ends in the middle of is none.
///
/// An event that lies whole in one piece, with one data line, is not copied: the caller gets views into
/// its own bytes, finding it costs two memchr, and so an event that does not matter is cheaper to hand
/// over and forget than to filter before. Only an event cut by the end of a piece is kept, in buffers
/// that are used again, and given back after an event over 16 KB. Never an error: an event over the
/// limit is left out and counted.
class SseScanner {
 public:
  explicit SseScanner(std::size_t event_bytes_max = kSseEventBytesMax) : event_bytes_max_(event_bytes_max) {}

  /// `on_event(name, data)` for each event that ends in `piece`.
  template <class Sink>
  void feed(std::string_view piece, Sink&& on_event) {
    begin(piece);
    SseEvent event;
    while (next(event)) on_event(event.name, event.data);
  }

  /// The same in two steps: begin a piece, then next() until it is false. The piece must live as long.
  void begin(std::string_view piece);
  bool next(SseEvent& event);

  /// Events left out because they were longer than the limit.
  std::uint64_t skipped_events() const { return skipped_events_; }
  /// True when the stream stands between two events, not in the middle of one.
  bool between_events() const {
    return !line_open_ && (delivered_ || (!has_data_ && name().empty() && !oversize_));
  }

 private:
  std::string_view name() const { return name_kept_ ? std::string_view(kept_name_) : name_; }
  std::string_view data() const { return data_kept_ ? std::string_view(kept_data_) : data_; }
  void take_line(std::string_view line);
  void take_data(std::string_view value);
  void grow(std::size_t bytes);
  void keep(std::string_view cut_line);
  void forget_event();

  std::size_t event_bytes_max_;
  std::string_view rest_;  // of the piece at hand
  std::string_view name_;  // in the piece or in kept_line_
  std::string_view data_;
  std::string kept_name_;
  std::string kept_data_;
  std::string kept_line_;  // the line that the end of a piece cut
  std::size_t event_bytes_ = 0;
  std::uint64_t skipped_events_ = 0;
  bool piece_has_cr_ = false;
  bool skip_lf_ = false;    // the last piece ended with CR: an LF now belongs to it
  bool first_line_ = true;  // a byte order mark may stand before it
  bool line_open_ = false;  // kept_line_ waits for its end
  bool has_data_ = false;
  bool name_kept_ = false;
  bool data_kept_ = false;
  bool oversize_ = false;
  bool delivered_ = false;  // the caller has views of this event; forget it at the next call
};

}  // namespace relay
