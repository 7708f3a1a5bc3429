#include "relay/limit_headers.h"
#include "relay/pass_all.h"
#include "relay/relayed_heads.h"
#include "relay/usage_withholder.h"

#include <optional>

namespace relay {
namespace {

constexpr std::size_t kPayloadBytesKept = 16 * 1024;

std::string error_event(WireDialect dialect, Ended ended) {
  const std::string_view kWords = ended == Ended::timed_out
                                      ? "The upstream provider sent nothing for too long"
                                      : "The upstream provider's answer ended early";
  std::string data;
  if (dialect == WireDialect::anthropic_messages) {
    data = R"(event: error
data: {"type":"error","error":{"type":"api_error","message":")";
    return data.append(kWords).append("\"}}\n\n");
  }
  if (dialect == WireDialect::openai_responses) {
    data = R"(event: error
data: {"type":"error","code":"server_error","message":")";
    return data.append(kWords).append("\",\"param\":null}\n\n");
  }
  data = R"(data: {"error":{"type":"server_error","param":null,"code":")";
  data.append(ended == Ended::timed_out ? "upstream_timeout" : "upstream_cut").append(R"(","message":")");
  return data.append(kWords).append("\"}}\n\n");
}

// The relay's part of one answer: bytes in, the same bytes out.
class Passage {
 public:
  Passage(Exchange& exchange, Settlement& settlement)
      : exchange_(exchange),
        client_(exchange.client),
        settlement_(settlement),
        cached_(exchange.cached_call.get()) {
    // A client of HTTP/1.0 knows no chunks: it gets the payload and the end of the connection.
    const bool is_1_0 = client_.head().minor_version() == 0;
    const auto kind = exchange.answer.framing.kind();
    unchunks_ = is_1_0 && kind == BodyFraming::Kind::chunked;
    if (unchunks_ || kind == BodyFraming::Kind::until_close) client_.close_after();
    // A body of known length keeps it, and what is compressed can't be cut.
    const bool may_withhold = kind != BodyFraming::Kind::length && exchange.tap->is_event_stream() &&
                              exchange.answer.coding == ContentCoding::identity;
    if (exchange.withholds_usage && may_withhold) withholder_.emplace(exchange.json);
    auto& head = client_.worker().head_scratch();
    head.clear();
    const auto limits = limit_header_lines(exchange);
    append_answer_head(head, client_.worker().answer_head(),
                       {.request_id = exchange.request_id,
                        .chunked = kind == BodyFraming::Kind::chunked && !unchunks_,
                        .keep_alive = client_.keeps_alive(),
                        .http_1_0 = is_1_0,
                        .limits = &limits,
                        .cache = cached_ == nullptr ? std::string_view() : cached_->word()});
    if (cached_ != nullptr) cached_->begin(client_.worker().answer_head(), exchange.tap->is_event_stream());
    head_pending_ = true;
  }

  /// Looks at `bytes`, and sends them; but when they hold the answer's end, settles and keeps them back
  /// until send_kept(): the client must not see an end that a kill could take back. False: it is gone.
  bool pass(std::string_view bytes) {
    auto& framing = exchange_.answer.framing;
    auto& tap = *exchange_.tap;
    payload_.clear();
    const auto used = framing.feed(bytes, [&](std::string_view payload) {
      tap.feed(payload);
      if (cached_ != nullptr && !withholder_) cached_->take(payload);
      if (withholder_) {
        withholder_->feed(payload, payload_);
      } else if (unchunks_) {
        payload_.append(payload);
      }
    });
    tap.end_of_read(framing.complete());
    surplus_ = used < bytes.size();
    if (withholder_) frame_again();
    const auto out = unchunks_ || withholder_ ? std::string_view(payload_) : bytes.substr(0, used);
    if (exchange_.settled || !(framing.complete() || tap.complete())) {
      const bool taken = send(out);
      // A stream waits most of its life, and holds no room for its next bytes meanwhile.
      if (payload_.capacity() > kPayloadBytesKept) payload_ = std::string();
      return taken;
    }
    settlement_.settle_answered(exchange_, AttemptOutcome::completed);
    if (cached_ != nullptr) cached_->end();
    if (std::exchange(head_pending_, false)) kept_ = client_.worker().head_scratch();
    kept_.append(out);
    return true;
  }

  void began() {
    exchange_.plain_body.reset();
    exchange_.own_body.reset();
    client_.release_request();
  }

  /// What waits for its record; not empty.
  std::string_view kept() const { return kept_; }
  bool sent_kept(const WriteOutcome& outcome) {
    const iovec part{kept_.data(), kept_.size()};
    const bool taken = client_.sent(outcome, {&part, 1});
    kept_ = std::string();
    return taken;
  }

  bool send(std::string_view bytes) {
    auto& head = client_.worker().head_scratch();
    const iovec parts[] = {{head.data(), head.size()}, {const_cast<char*>(bytes.data()), bytes.size()}};
    if (std::exchange(head_pending_, false)) return client_.try_send(parts);
    return bytes.empty() || client_.try_send(std::span(parts).subspan(1));
  }

  /// While the upstream is silent. False: the client is gone.
  bool keep_alive() {
    if (exchange_.tap->complete() || !may_put_in() || client_.needs_flush()) return true;
    return send(framed(kKeepAliveComment));
  }

  /// An answer that ended early must never look whole (RFC 9112 8).
  void break_off(Ended ended) {
    client_.close_after();
    const auto kind = exchange_.answer.framing.kind();
    if (may_put_in() && client_.client().is_open() && !client_.needs_flush())
      static_cast<void>(send(framed(error_event(exchange_.dialect, ended))));
    // Without a length or chunks only a reset says that more was to come.
    if (kind == BodyFraming::Kind::until_close || unchunks_) return client_.client().reset();
    if (!client_.needs_flush()) client_.client().close();
  }

  bool surplus() const { return surplus_; }

 private:
  // Whether something of ours can stand here. What is written into a body of known length may fill it up: a
  // cut one would look whole.
  bool may_put_in() const {
    const auto& framing = exchange_.answer.framing;
    return framing.kind() != BodyFraming::Kind::length && exchange_.tap->between_events() &&
           framing.between_chunks();
  }

  std::string framed(std::string_view bytes) const {
    const bool chunked = exchange_.answer.framing.kind() == BodyFraming::Kind::chunked && !unchunks_;
    return chunked ? as_chunk(bytes) : std::string(bytes);
  }

  // The chunks that came do not fit what is left of them.
  void frame_again() {
    const bool ends = exchange_.answer.framing.complete();
    if (ends) withholder_->end(payload_);
    if (cached_ != nullptr) cached_->take(payload_);
    if (exchange_.answer.framing.kind() != BodyFraming::Kind::chunked || unchunks_) return;
    if (!payload_.empty()) payload_ = as_chunk(payload_);
    if (ends) payload_.append("0\r\n\r\n");
  }

  static std::string as_chunk(std::string_view bytes) {
    std::string chunk;
    append_chunk(chunk, bytes);
    return chunk;
  }

  Exchange& exchange_;
  ServerExchange& client_;
  Settlement& settlement_;
  CachedCall* cached_;  // null for most
  std::optional<UsageWithholder> withholder_;
  std::string payload_;
  std::string kept_;
  bool head_pending_ = false;
  bool unchunks_ = false;
  bool surplus_ = false;
};

}  // namespace

Awaitable<bool> stream(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                       const AttemptLimits& limits) {
  exchange.first_byte = settlement.steady_now();
  exchange.tap.emplace(exchange.dialect, exchange.json, exchange.answer.status,
                       exchange.answer.is_event_stream, exchange.answer.coding);
  if (exchange.object) exchange.tap->leave_to(exchange.object->reader.get());
  Passage passage(exchange, settlement);
  auto ended = co_await pass_all(exchange, passage, settlement, limits);
  auto& tap = *exchange.tap;
  // A stream that only the connection's end delimits is whole when its protocol says so.
  const bool ends_by_close = exchange.answer.framing.kind() == BodyFraming::Kind::until_close;
  if (ended == Ended::whole && ends_by_close) {
    if (tap.is_event_stream() && exchange.answer.status < 300 && !tap.complete()) ended = Ended::cut;
    tap.end_of_read(true);
  }
  settlement.settle_answered(exchange, outcome_of(ended));
  if (ended == Ended::whole) {
    // Closing is what tells the client of this end, so the record comes first.
    if (ends_by_close) static_cast<void>(co_await settlement.written());
    const bool may_be_reused = exchange.answer.keep_alive && !passage.surplus() && !exchange.client_gone;
    if (may_be_reused) connections.give_back(exchange.account->address, std::move(exchange.upstream));
    exchange.upstream.reset();
    if (exchange.cached_call) exchange.cached_call->end();
    co_return true;
  }
  exchange.upstream.reset();
  if (ended != Ended::client_gone) passage.break_off(ended);
  co_return false;
}

}  // namespace relay
