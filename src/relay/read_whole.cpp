#include "relay/read_whole.h"

#include "http/content_coding.h"
#include "net/upstream_connections.h"

#include <optional>

namespace relay {
namespace {

Error unreadable_answer(std::string cause) {
  return Error(ErrorKind::bad_gateway, "upstream_unreadable", "The upstream provider's answer can't be read")
      .because(std::move(cause));
}

}  // namespace

Task<std::string> read_whole(Exchange& exchange, UpstreamConnections& connections,
                             const AttemptLimits& limits, std::size_t bytes_max) {
  using ReadStatus = ReadOutcome::Status;
  auto& upstream = *exchange.upstream;
  auto& framing = exchange.answer.framing;
  std::optional<ContentDecoder> decoder;
  if (exchange.answer.coding != ContentCoding::identity) decoder.emplace(exchange.answer.coding, bytes_max);
  std::string whole;
  const auto keep = [&](std::string_view payload) {
    if (!decoder) return static_cast<void>(whole.append(payload));
    static_cast<void>(decoder->feed(payload, [&whole](std::string_view decoded) { whole.append(decoded); }));
  };
  auto bytes = exchange.answer.rest;
  while (true) {
    framing.feed(bytes, keep);
    if (framing.malformed() || whole.size() > bytes_max)
      co_return unreadable_answer("too long, or badly framed");
    if (decoder && decoder->stopped()) co_return unreadable_answer("badly compressed, or too long");
    if (framing.complete()) break;
    const auto room = exchange.client.worker().answer_room();
    const auto outcome = upstream.try_read(room);
    bytes = {room.data(), outcome.bytes};
    if (outcome.status == ReadStatus::data) continue;
    if (outcome.status == ReadStatus::end && framing.complete_at_close()) break;
    if (outcome.status != ReadStatus::would_block) co_return unreadable_answer("cut");
    upstream.close_in(limits.idle);
    const bool open = co_await upstream.readable();
    if (!open) co_return unreadable_answer("no more of it came in time");
  }
  if (framing.complete() && exchange.answer.keep_alive)
    connections.give_back(exchange.account->address, std::move(exchange.upstream));
  exchange.upstream.reset();
  co_return whole;
}

}  // namespace relay
