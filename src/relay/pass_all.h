// Reads an answer to its end and hands its bytes to what passes them on: as they are, translated, or kept.
#pragma once

#include "net/upstream_connections.h"
#include "relay/phases.h"
#include "relay/settle.h"

#include <charconv>
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

/// A Passage has:
/// - pass(bytes): takes them through the answer's framing. False: the client is gone.
/// - began(): behind the first of them: a request that is not needed any more can go.
/// - kept(), sent_kept(outcome): what may only be sent once its record has been written; not empty.
template <class Passage>
Awaitable<Ended> pass_all(Exchange& exchange, Passage& passage, Settlement& settlement,
                          const AttemptLimits& limits) {
  using ReadStatus = ReadOutcome::Status;
  auto& client = exchange.client;
  auto& upstream = *exchange.upstream;
  auto& framing = exchange.answer.framing;
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
      upstream.keep_open();
      taken = co_await client.flush();
    }
    if (!taken || exchange.client_gone) co_return Ended::client_gone;
    if (framing.malformed()) co_return Ended::malformed;
    if (framing.complete()) co_return Ended::whole;

    const auto room = client.worker().answer_room();
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
    static_cast<void>(co_await upstream.next_edge());
    if (upstream.is_open()) continue;
    if (exchange.client_gone) co_return Ended::client_gone;
    co_return upstream.timed_out() || exchange.out_of_time ? Ended::timed_out : Ended::cut;
  }
}

}  // namespace relay
