// Reads an answer to its end and hands its bytes to what passes them on: as they are, translated, or kept.
#pragma once

#include "net/upstream_connections.h"
#include "relay/phases.h"
#include "relay/settle.h"

#include <charconv>
#include <memory>
#include <string>
#include <string_view>

namespace relay {

/// As a chunk of ours (RFC 9112 7.1); `bytes` must not be empty, which is the last one's form.
inline void append_chunk(std::string& out, std::string_view bytes) {
  char size[16];
  const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  out.append(size, end).append("\r\n").append(bytes).append("\r\n");
}

/// How the reading of an answer ended.
enum class Ended { whole, cut, malformed, timed_out, client_gone };

constexpr AttemptOutcome outcome_of(Ended ended) {
  switch (ended) {
    case Ended::whole:
      return AttemptOutcome::completed;
    case Ended::timed_out:
      return AttemptOutcome::timed_out;
    case Ended::client_gone:
      return AttemptOutcome::client_gone;
    default:
      return AttemptOutcome::upstream_cut;
  }
}

/// What a client gets while the upstream says nothing: a comment, which no client shows to anybody (WHATWG
/// HTML 9.2.6), and which keeps the connection from being taken for dead on its way.
inline constexpr std::string_view kKeepAliveComment = ": keep-alive\n\n";

/// For a client that does not keep up less is read at a time: what it does not take waits in memory. So many,
/// that they are more than the kernel takes for a client that reads on.
inline constexpr std::size_t kSmallReadBytes = 16 * 1024;
inline constexpr int kSmallReads = 16;

/// Set while an upstream is waited for. The metering does not see what it sends.
template <class Passage>
class SilenceFiller final : public Deadline {
 public:
  SilenceFiller(Exchange& exchange, Passage& passage, std::chrono::milliseconds every)
      : Deadline(exchange.client.worker().wheel()), exchange_(exchange), passage_(passage), every_(every) {}
  void on_expiry() override {
    if constexpr (requires { passage_.keep_alive(); }) {
      if (passage_.keep_alive()) return set(every_);
      exchange_.client_gone = true;
      exchange_.upstream->close();  // which ends the wait
    }
  }

 private:
  Exchange& exchange_;
  Passage& passage_;
  const std::chrono::milliseconds every_;
};

/// A Passage has:
/// - pass(bytes): takes them through the answer's framing. False: the client is gone.
/// - began(): behind the first of them: a request that is not needed any more can go.
/// - kept(), sent_kept(outcome): what may only be sent once its record has been written; not empty.
/// - keep_alive(), when its client reads as it comes: puts a comment in, where one may stand. False: it is
/// gone.
template <class Passage>
Awaitable<Ended> pass_all(Exchange& exchange, Passage& passage, Settlement& settlement,
                          const AttemptLimits& limits) {
  using ReadStatus = ReadOutcome::Status;
  auto& client = exchange.client;
  auto& upstream = *exchange.upstream;
  auto& framing = exchange.answer.framing;
  std::unique_ptr<SilenceFiller<Passage>> filler;
  if constexpr (requires { passage.keep_alive(); }) {
    if (limits.keep_alive.count() > 0 && exchange.tap->is_event_stream()) {
      filler = std::make_unique<SilenceFiller<Passage>>(exchange, passage, limits.keep_alive);
    }
  }
  int small_reads = 0;
  bool taken = passage.pass(exchange.answer.rest);
  exchange.input = std::string();
  passage.began();
  while (true) {
    if (!passage.kept().empty()) {
      WriteOutcome outcome;
      static_cast<void>(co_await settlement.written_and_sent(client.client(), passage.kept(), outcome));
      taken = passage.sent_kept(outcome);
    }
    if (taken && client.needs_flush()) {
      small_reads = kSmallReads;
      upstream.keep_open();
      taken = co_await client.flush();
    }
    if (!taken || exchange.client_gone) co_return Ended::client_gone;
    if (framing.malformed()) co_return Ended::malformed;
    if (framing.complete()) co_return Ended::whole;

    auto room = client.worker().answer_room();
    if (small_reads > 0) {
      --small_reads;
      room = room.first(kSmallReadBytes);
    }
    const auto outcome = upstream.try_read(room);
    if (outcome.status == ReadStatus::data) {
      taken = passage.pass({room.data(), outcome.bytes});
      continue;
    }
    if (outcome.status != ReadStatus::would_block) {
      const bool is_whole = outcome.status == ReadStatus::end && framing.complete_at_close();
      co_return is_whole ? Ended::whole : Ended::cut;
    }
    upstream.close_in(limits.idle);
    if (filler) filler->set(limits.keep_alive);
    static_cast<void>(co_await upstream.next_edge());
    if (filler) filler->clear();
    if (upstream.is_open()) continue;
    if (exchange.client_gone) co_return Ended::client_gone;
    co_return upstream.timed_out() || exchange.out_of_time ? Ended::timed_out : Ended::cut;
  }
}

}  // namespace relay
