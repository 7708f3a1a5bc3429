#include "relay/limit_headers.h"
#include "relay/pass_all.h"
#include "relay/payload.h"
#include "relay/relayed_heads.h"

#include "async/blocking_pool.h"
#include "http/sse_scanner.h"

namespace relay {
namespace {

constexpr std::size_t kScratchBytesKept = 16 * 1024;  // of a stream that waits

// The provider's head lies in the worker's scratch: before anything is waited for.
std::vector<Header> headers_of(Exchange& exchange) {
  return translated_answer_headers(exchange.client.worker().answer_head(), exchange.dialect,
                                   exchange.upstream_request_id, exchange.request_id);
}

// Events in, the client's events out, in chunks of ours.
class TranslatedStream {
 public:
  TranslatedStream(Exchange& exchange, Settlement& settlement)
      : exchange_(exchange),
        client_(exchange.client),
        settlement_(settlement),
        cached_(exchange.cached_call.get()),
        payload_(exchange.answer.coding),
        chunked_(client_.head().minor_version() > 0) {
    if (!chunked_) client_.close_after();
    const auto headers = headers_of(exchange);
    const auto limits = limit_header_lines(exchange);
    append_translated_stream_head(out_, headers,
                                  {.request_id = exchange.request_id,
                                   .chunked = chunked_,
                                   .keep_alive = client_.keeps_alive(),
                                   .limits = &limits,
                                   .cache = cached_ == nullptr ? std::string_view() : cached_->word()});
    if (cached_ != nullptr) {
      cached_->begin({headers.front(),
                      {"content-type", "text/event-stream; charset=utf-8"},
                      {"cache-control", "no-cache"}},
                     true);
    }
  }

  // As Passage of stream.cpp: what holds the answer's end waits for its record.
  bool pass(std::string_view bytes) {
    auto& framing = exchange_.answer.framing;
    const auto used = framing.feed(bytes, [this](std::string_view payload) {
      payload_.feed(payload, [this](std::string_view piece) { take(piece); });
    });
    surplus_ = used < bytes.size();
    if (framing.complete()) {
      add_end();
    } else {
      add_frames();
      // An event that can't be read may hold content: the stream must not seem to go on without it.
      if (!payload_.readable() || events_.skipped_events() > 0) exchange_.upstream->close();
    }
    if (exchange_.settled || !(framing.complete() || exchange_.tap->complete())) return send();
    settlement_.settle_answered(exchange_, AttemptOutcome::completed);
    if (cached_ != nullptr) cached_->end();
    kept_ = std::move(out_);
    out_ = std::string();
    return true;
  }
  void began() {
    client_.release_request();
    exchange_.plain_body.reset();
    exchange_.translated->body = std::string();
  }

  std::string_view kept() const { return kept_; }
  bool sent_kept(const WriteOutcome& outcome) {
    const iovec part{kept_.data(), kept_.size()};
    const bool taken = client_.sent(outcome, {&part, 1});
    kept_ = std::string();
    return taken;
  }

  /// The end that only the upstream's connection told. False: the client is gone.
  bool send_end() {
    if (!ended_) add_end();
    if (cached_ != nullptr) cached_->end();
    return send();
  }

  /// Between two of our chunks, which are whole events. False: the client is gone.
  bool keep_alive() {
    if (ended_ || exchange_.tap->complete() || client_.needs_flush()) return true;
    if (chunked_) {
      append_chunk(out_, kKeepAliveComment);
    } else {
      out_.append(kKeepAliveComment);
    }
    return send();
  }

  void break_off() {
    client_.close_after();
    if (client_.client().is_open() && !client_.needs_flush()) {
      exchange_.translated->translation->end(frames_);
      add_frames();
      static_cast<void>(send());
    }
    // Without chunks only a reset says that more was to come.
    if (!chunked_) return client_.client().reset();
    if (!client_.needs_flush()) client_.client().close();
  }

  bool surplus() const { return surplus_; }

 private:
  void take(std::string_view payload) {
    exchange_.tap->feed(payload);
    events_.feed(payload, [this](std::string_view name, std::string_view data) {
      exchange_.translated->translation->event(name, data, frames_);
    });
  }

  void add_frames() {
    if (frames_.empty()) return;
    if (cached_ != nullptr) cached_->take(frames_);
    if (chunked_) {
      append_chunk(out_, frames_);
    } else {
      out_.append(frames_);
    }
    frames_.clear();
    if (frames_.capacity() > kScratchBytesKept) frames_ = std::string();
  }

  void add_end() {
    exchange_.translated->translation->end(frames_);
    add_frames();
    if (chunked_) out_.append("0\r\n\r\n");
    ended_ = true;
  }

  bool send() {
    if (out_.empty()) return true;
    const iovec part{out_.data(), out_.size()};
    const bool taken = client_.try_send({&part, 1});
    out_.clear();
    if (out_.capacity() > kScratchBytesKept) out_ = std::string();
    return taken;
  }

  Exchange& exchange_;
  ServerExchange& client_;
  Settlement& settlement_;
  CachedCall* cached_;  // null for most
  Payload payload_;
  SseScanner events_;
  std::string frames_;  // of the client's dialect, not in a chunk yet
  std::string out_;
  std::string kept_;
  const bool chunked_;
  bool ended_ = false;
  bool surplus_ = false;
};

// An answer that is translated whole.
class WholeAnswer {
 public:
  explicit WholeAnswer(Exchange& exchange)
      : exchange_(exchange), payload_(exchange.answer.coding, kWholeAnswerBytesMax) {}

  bool pass(std::string_view bytes) {
    const auto used = exchange_.answer.framing.feed(bytes, [this](std::string_view payload) {
      payload_.feed(payload, [this](std::string_view piece) { body_.append(piece); });
    });
    surplus_ = used < bytes.size();
    return readable();
  }
  void began() {}
  std::string_view kept() const { return {}; }
  bool sent_kept(const WriteOutcome&) { return true; }

  bool readable() const { return payload_.readable() && body_.size() <= kWholeAnswerBytesMax; }
  bool surplus() const { return surplus_; }
  std::string& body() { return body_; }

 private:
  Exchange& exchange_;
  Payload payload_;
  std::string body_;
  bool surplus_ = false;
};

template <class Passage>
void leave_upstream(Exchange& exchange, const Passage& passage, UpstreamConnections& connections) {
  const bool may_be_reused = exchange.answer.framing.complete() && exchange.answer.keep_alive &&
                             !passage.surplus() && !exchange.client_gone;
  if (may_be_reused) connections.give_back(exchange.account->address, std::move(exchange.upstream));
  exchange.upstream.reset();
}

// False: the answer did not end as it should have.
Awaitable<bool> pass_events(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                            const AttemptLimits& limits) {
  TranslatedStream passage(exchange, settlement);
  auto ended = co_await pass_all(exchange, passage, settlement, limits);
  // Our framing is our own: where the stream ended is what its protocol says.
  if (ended != Ended::client_gone && exchange.tap->complete()) ended = Ended::whole;
  const bool ends_by_close = exchange.answer.framing.kind() == BodyFraming::Kind::until_close;
  if (ended == Ended::whole && ends_by_close && !exchange.tap->complete()) ended = Ended::cut;
  settlement.settle_answered(exchange, outcome_of(ended));
  if (ended == Ended::whole) {
    static_cast<void>(co_await settlement.written());
    bool taken = passage.send_end();
    if (taken && exchange.client.needs_flush()) taken = co_await exchange.client.flush();
    leave_upstream(exchange, passage, connections);
    co_return taken;
  }
  exchange.upstream.reset();
  if (ended != Ended::client_gone) passage.break_off();
  co_return false;
}

Error answer_failed(Ended ended) {
  if (ended == Ended::client_gone) return client_left();
  if (ended == Ended::timed_out)
    return Error(ErrorKind::gateway_timeout, "upstream_timeout",
                 "The upstream provider did not answer in time");
  if (ended == Ended::cut)
    return Error(ErrorKind::bad_gateway, "upstream_cut", "The upstream provider's answer ended early");
  return Error(ErrorKind::bad_gateway, "upstream_malformed", "The upstream provider's answer can't be read");
}

Error broken_answer(const Error& error) {
  return Error(ErrorKind::bad_gateway, error.code(), error.message()).because(error.cause());
}

Task<std::string> translate_whole(Exchange& exchange, const std::string& body, BlockingPool& pool) {
  auto& translation = *exchange.translated->translation;
  const int status = exchange.answer.status;
  if (status < 200 || status > 299) co_return translation.error(status, body);
  if (body.size() <= kTranslatedInPlaceBytesMax) co_return translation.answer(body);
  auto work = [&translation, &body] { return translation.answer(body); };
  auto answer = co_await pool.run(std::move(work));
  co_return answer;
}

// Its first field is the request's id; the others are of this call alone.
void copy_whole(CachedCall& call, HttpAnswer& answer) {
  call.begin({answer.headers.front(), {"content-type", "application/json"}}, false);
  call.take(answer.body);
  answer.headers.push_back({"x-relay-cache", std::string(call.word())});
}

Task<> answer_whole(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                    BlockingPool& pool, const AttemptLimits& limits) {
  HttpAnswer answer;
  answer.headers = headers_of(exchange);
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  append_limit_headers(answer, exchange);
  answer.headers.push_back({"Content-Type", "application/json"});
  WholeAnswer whole(exchange);
  auto ended = co_await pass_all(exchange, whole, settlement, limits);
  exchange.translated->body = std::string();
  if (!whole.readable()) ended = Ended::malformed;
  whole.body().reserve(whole.body().size() + kParserPadding);
  exchange.tap->feed(whole.body());
  exchange.tap->end_of_read(ended == Ended::whole);
  settlement.settle_answered(exchange, outcome_of(ended));
  leave_upstream(exchange, whole, connections);
  if (ended != Ended::whole) co_return answer_failed(ended);
  auto body = co_await translate_whole(exchange, whole.body(), pool);
  if (body.has_error()) co_return broken_answer(body.error());
  answer.body = *std::move(body);
  const bool is_redirect = exchange.answer.status > 299 && exchange.answer.status < 400;
  answer.status = is_redirect ? 502 : exchange.answer.status;
  if (exchange.cached_call) copy_whole(*exchange.cached_call, answer);
  static_cast<void>(co_await settlement.written());
  if (exchange.cached_call) exchange.cached_call->end();
  const bool taken = co_await exchange.client.answer(std::move(answer));
  if (!taken) exchange.client.close_after();
  co_return ok;
}

}  // namespace

Task<> stream_translated(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                         BlockingPool& pool, const AttemptLimits& limits) {
  const auto& answer = exchange.answer;
  exchange.first_byte = settlement.steady_now();
  // The payload is decoded before both, the tap and the translation, look at it.
  exchange.tap.emplace(exchange.translated->dialect, exchange.json, answer.status, answer.is_event_stream,
                       ContentCoding::identity);
  if (!exchange.tap->is_event_stream() || answer.status > 299)
    co_return co_await answer_whole(exchange, connections, settlement, pool, limits);
  const bool ended_well = co_await pass_events(exchange, connections, settlement, limits);
  if (!ended_well) exchange.client.close_after();
  co_return ok;
}

}  // namespace relay
