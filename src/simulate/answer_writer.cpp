#include "simulate/answer_writer.h"

#include "http/answer_head.h"
#include "simulate/body_framer.h"
#include "simulate/gzip_writer.h"
#include "simulate/wire_text.h"

#include <algorithm>
#include <optional>

namespace relay::simulate {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;
constexpr std::size_t kHeadStep = 7;
constexpr std::chrono::milliseconds kBetweenSteps{1};
constexpr std::chrono::milliseconds kBeforeReset{20};
constexpr std::chrono::minutes kHangMax{60};
constexpr std::chrono::minutes kWriteMax{10};  // for a client that takes nothing
constexpr std::string_view kGarbage = "\x16\x03\x01 this is no HTTP\r\n\r\n";
constexpr std::string_view kEarlyHints =
    "HTTP/1.1 103 Early Hints\r\nlink: </simulated>; rel=preload\r\n\r\n";
constexpr std::string_view kBadChunk = "zz\r\n";

}  // namespace

struct AnswerWriter::Sending {
  Sending(Turn given, Asked how)
      : turn(std::move(given)),
        asked(how),
        framing(choose(turn, how)),
        framer(framing == Framing::chunked || framing == Framing::both, turn.shape.rechunk) {
    if (turn.shape.gzip) gzip = std::make_unique<GzipWriter>();
    if (framing == Framing::close || turn.shape.close) keep_alive = false;
    if (!asked.keep_alive) keep_alive = false;
  }

  static Framing choose(const Turn& turn, Asked asked) {
    auto framing = turn.shape.framing;
    if (framing == Framing::by_kind) framing = turn.answer.stream ? Framing::chunked : Framing::length;
    if (asked.http_1_0 && framing == Framing::chunked) framing = Framing::close;
    return framing;
  }

  bool has_length() const { return framing == Framing::length || framing == Framing::both; }

  /// Compressed when that was asked for; the view is good until the next call.
  std::string_view coded(std::string_view piece) {
    if (!gzip) return piece;
    packed.clear();
    gzip->append(packed, piece);
    return packed;
  }

  /// A length must be known before the head: all of the body is made first.
  void collect() {
    std::string event;
    if (!turn.answer.stream) {
      events.emplace_back(coded(turn.answer.body));
    } else {
      while (make_event(event)) events.emplace_back(coded(event));
    }
    if (gzip) {
      packed.clear();
      gzip->finish(packed);
      if (!packed.empty()) events.emplace_back(packed);
    }
    collected = true;
  }

  std::size_t length() const {
    std::size_t bytes = 0;
    for (const auto& event : events) bytes += event.size();
    return bytes;
  }

  /// The next event as the provider means it. False: there is none.
  bool make_event(std::string& event) {
    if (over) return false;
    event.clear();
    if (turn.shape.error_event && made == *turn.shape.error_event) {
      turn.answer.stream->fail(event, turn.shape.code);
      over = true;
    } else {
      over = !turn.answer.stream->next(event);
    }
    ++made;
    return true;
  }

  /// The next piece of the body as it goes on the wire, but for framing.
  bool next_piece(std::string_view& piece) {
    if (collected) {
      if (sent == events.size()) return false;
      piece = events[sent];
      return true;
    }
    if (!turn.answer.stream) {
      piece = coded(turn.answer.body);
      return sent == 0;
    }
    if (!make_event(current)) return false;
    piece = coded(current);
    return true;
  }

  /// Where the fault stands inside a piece: bytes of it that still go out. Nothing: not in this one.
  std::optional<std::size_t> fault_in(std::string_view piece) const {
    using Unit = FaultPoint::Unit;
    const auto& shape = turn.shape;
    if (shape.fault == Fault::none || shape.at.unit == Unit::head) return std::nullopt;
    if (shape.at.unit == Unit::events && turn.answer.stream) {
      return sent >= shape.at.count ? std::optional<std::size_t>(0) : std::nullopt;
    }
    if (sent_bytes + piece.size() <= shape.at.count) return std::nullopt;
    return shape.at.count - sent_bytes;
  }

  Turn turn;
  const Asked asked;
  const Framing framing;
  BodyFramer framer;
  std::unique_ptr<GzipWriter> gzip;
  std::string current, packed;
  std::vector<std::string> events;  // when they had to be collected
  std::size_t made = 0;             // events
  std::size_t sent = 0;             // pieces
  std::size_t sent_bytes = 0;       // of the body
  bool over = false;
  bool collected = false;
  bool keep_alive = true;
  End end = End::close;
};

namespace {

void append_head(std::string& out, const Turn& turn, bool keep_alive, bool chunked,
                 std::optional<std::size_t> length) {
  const auto& answer = turn.answer;
  append(out, "HTTP/1.1 ", answer.status, " ", reason_phrase(answer.status),
         "\r\ncontent-type: ", answer.content_type, "\r\n", turn.fields);
  if (answer.stream) append(out, "cache-control: no-cache\r\n");
  if (turn.shape.gzip) append(out, "content-encoding: gzip\r\n");
  if (length) append(out, "content-length: ", *length, "\r\n");
  if (chunked) append(out, "transfer-encoding: chunked\r\n");
  append(out, keep_alive ? "connection: keep-alive\r\n\r\n" : "connection: close\r\n\r\n");
}

}  // namespace

Awaitable<AnswerWriter::End> AnswerWriter::write(Turn turn, Asked asked) {
  Sending sending(std::move(turn), asked);
  client_gone_ = !stream_.is_open();
  watching_ = false;
  out_.clear();
  bool whole = co_await write_head(sending);
  if (whole && !asked.to_head) whole = co_await write_body(sending);
  if (whole) whole = co_await flush(sending.turn.shape.chunk);
  stream_.unwatch();
  if (out_.capacity() > kFlushBytes * 4) out_ = std::string();
  if (client_gone_) co_return End::gone;
  if (!whole) co_return sending.end;
  // A stale connection closes without having said so.
  co_return sending.keep_alive && !sending.turn.shape.stale ? End::keep : End::close;
}

void AnswerWriter::abandon() {
  client_gone_ = true;
  timer_.cancel();
  stream_.close();
}

Awaitable<bool> AnswerWriter::write_head(Sending& sending) {
  const auto& shape = sending.turn.shape;
  if (shape.delay.count() > 0) {
    const bool on = co_await wait(sending, shape.delay, false);
    if (!on) co_return false;
  }
  if (shape.fault != Fault::none && shape.at.unit == FaultPoint::Unit::head) {
    const bool on = co_await break_off(sending);
    co_return on;
  }
  if (shape.garbage) {
    out_.append(kGarbage);
    static_cast<void>(co_await flush(0));
    co_return false;
  }
  std::optional<std::size_t> length;
  if (sending.has_length()) {
    const bool plain = !sending.turn.answer.stream && !sending.gzip;
    if (!plain) sending.collect();
    length = plain ? sending.turn.answer.body.size() : sending.length();
  }
  if (shape.early_hints) out_.append(kEarlyHints);
  append_head(out_, sending.turn, sending.keep_alive, sending.framer.chunked(), length);
  if (shape.half_head) {
    out_.resize(out_.size() / 2);
    static_cast<void>(co_await flush(0));
    co_return false;
  }
  if (shape.split_head) {
    const bool on = co_await flush(kHeadStep);
    if (!on) co_return false;
  }
  if (shape.first.count() > 0) {
    bool on = co_await flush(shape.chunk);
    if (on) on = co_await wait(sending, shape.first, true);
    if (!on) co_return false;
  }
  co_return true;
}

Awaitable<bool> AnswerWriter::write_body(Sending& sending) {
  const auto& shape = sending.turn.shape;
  std::string_view piece;
  while (sending.next_piece(piece)) {
    if (shape.gap && sending.sent > 0) {
      bool on = co_await flush(shape.chunk);
      if (on) on = co_await wait(sending, *shape.gap, true);
      if (!on) co_return false;
    }
    if (const auto cut = sending.fault_in(piece)) {
      sending.framer.append_cut(out_, piece, *cut);
      const bool on = co_await break_off(sending);
      co_return on;
    }
    if (shape.bad_chunk && sending.framer.chunked() && sending.sent == 1) break;
    sending.framer.append(out_, piece);
    ++sending.sent;
    sending.sent_bytes += piece.size();
    if (out_.size() >= kFlushBytes) {
      const bool on = co_await flush(shape.chunk);
      if (!on) co_return false;
    }
  }
  if (shape.bad_chunk && sending.framer.chunked()) {
    out_.append(kBadChunk);
    static_cast<void>(co_await flush(shape.chunk));
    co_return false;
  }
  if (sending.gzip && !sending.collected) {
    sending.packed.clear();
    sending.gzip->finish(sending.packed);
    sending.framer.append(out_, sending.packed);
  }
  sending.framer.finish(out_);
  co_return true;
}

// The fault that was asked for, here. Always false.
Awaitable<bool> AnswerWriter::break_off(Sending& sending) {
  const bool on = co_await flush(sending.turn.shape.chunk);
  if (!on) co_return false;
  if (sending.turn.shape.fault == Fault::reset) {
    // A reset overtakes what the client has not read yet.
    static_cast<void>(co_await sleep(kBeforeReset));
    sending.end = End::reset;
  }
  if (sending.turn.shape.fault == Fault::hang) static_cast<void>(co_await wait(sending, kHangMax, true));
  co_return false;
}

Awaitable<bool> AnswerWriter::flush(std::size_t step) {
  if (step == 0) step = out_.size();
  std::string_view rest = out_;
  while (!rest.empty()) {
    const auto part = rest.substr(0, step);
    const bool written = co_await stream_.write_all(part, kWriteMax);
    if (!written) {
      client_gone_ = true;
      co_return false;
    }
    rest.remove_prefix(part.size());
    if (rest.empty()) break;
    const bool on = co_await sleep(kBetweenSteps);
    if (!on) co_return false;
  }
  stream_.keep_open();
  out_.clear();
  co_return true;
}

Awaitable<bool> AnswerWriter::wait(Sending& sending, Milliseconds time, bool pings) {
  const auto every = sending.turn.shape.pings;
  if (!pings || every.count() == 0 || !sending.turn.answer.stream || sending.collected) {
    const bool on = co_await sleep(time);
    co_return on;
  }
  std::string ping;
  sending.turn.answer.stream->ping(ping);
  while (time > every) {
    const bool on = co_await sleep(every);
    if (!on) co_return false;
    time -= every;
    sending.framer.append(out_, sending.coded(ping));
    const bool sent = co_await flush(sending.turn.shape.chunk);
    if (!sent) co_return false;
  }
  const bool on = co_await sleep(time);
  co_return on;
}

Awaitable<bool> AnswerWriter::sleep(Milliseconds time) {
  if (!client_gone_ && !watching_) {
    watching_ = true;
    stream_.watch([this] { abandon(); });
  }
  if (client_gone_) co_return false;
  timer_.expires_after(time);
  static_cast<void>(co_await timer_.async_wait(as_result));
  co_return !client_gone_;
}

}  // namespace relay::simulate
