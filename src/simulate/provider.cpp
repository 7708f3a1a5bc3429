#include "simulate/provider.h"

#include "http/content_coding.h"
#include "simulate/provider_call.h"
#include "simulate/wire_text.h"
#include "text/base62.h"
#include "text/rfc3339.h"

#include <ctime>
#include <functional>

namespace relay::simulate {
namespace {

constexpr std::string_view kTextMark = "[[simulate:";
constexpr std::string_view kModelMark = "--";

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  return text;
}

/// What the model's name and the text ask for; both are rid of it.
std::string take_words(Prompt& prompt) {
  std::string words;
  if (const auto at = prompt.model.find(kModelMark); at != std::string::npos) {
    words = prompt.model.substr(at + kModelMark.size());
    prompt.model.resize(at);
  }
  const auto end = prompt.text.find("]]");
  if (prompt.text.starts_with(kTextMark) && end != std::string::npos) {
    words.append(",").append(prompt.text, kTextMark.size(), end - kTextMark.size());
    prompt.text = without_spaces(std::string_view(prompt.text).substr(end + 2));
  }
  return words;
}

std::string_view bearer(const ParsedHead& head) {
  const auto value = head.value(KnownField::authorization);
  return value.starts_with("Bearer ") || value.starts_with("bearer ") ? value.substr(7) : std::string_view();
}

int status_of(ErrorKind kind) { return kind == ErrorKind::not_found ? 404 : 400; }

}  // namespace

bool ProviderState::take_turn(std::string_view words, std::size_t times) {
  const std::lock_guard lock(mutex_);
  if (turns_.size() >= kWordsMax) turns_.clear();
  auto& taken = turns_[std::string(words)];
  if (taken >= times) return false;
  ++taken;
  return true;
}

void ProviderState::reset() {
  prefixes.clear();
  objects.clear();
  seen.reset();
  const std::lock_guard lock(mutex_);
  turns_.clear();
}

Provider::Provider(ProviderState& state, const Clock& clock, int number) : state_(state), clock_(clock) {
  // Unlike those of another thread, and of another run.
  const auto run =
      static_cast<std::uint64_t>(clock.now().time_since_epoch().count()) * 64 + static_cast<unsigned>(number);
  for (const auto half : {static_cast<std::uint32_t>(run >> 32), static_cast<std::uint32_t>(run)}) {
    const auto digits = base62_of(half);
    id_prefix_.append(digits.data(), digits.size());
  }
}

std::string Provider::next_id() {
  const auto high = base62_of(static_cast<std::uint32_t>(++ids_ >> 32));
  const auto low = base62_of(static_cast<std::uint32_t>(ids_));
  std::string id;
  id.reserve(24);
  id.append(id_prefix_).append(high.data(), high.size()).append(low.data(), low.size());
  return id;
}

Turn Provider::answer(const ParsedHead& head, std::string_view body) {
  refresh_fields();
  Call call{.head = head, .body = body, .request_id = "req_01" + next_id(), .turn = {}};
  if (head.path().starts_with("/_simulate/")) {
    control(call);
    return std::move(call.turn);
  }
  if (head.path().starts_with("/v1/messages") || head.has(KnownField::anthropic_version))
    call.dialect = Dialect::anthropic;
  if (auto parsed = parse_shape(head.value("x-simulate"), call.turn.shape); parsed.has_error()) {
    fail(call, parsed.error());
  } else if (!has_key(head)) {
    fail(call, 401);
  } else {
    route(call);
  }
  add_fields(call);
  return std::move(call.turn);
}

Turn Provider::refuse(int status, std::string_view message) {
  refresh_fields();
  const ParsedHead none;
  Call call{.head = none, .body = {}, .request_id = "req_01" + next_id(), .turn = {}};
  call.turn.shape.close = true;
  fail(call, status, {}, message);
  add_fields(call);
  return std::move(call.turn);
}

void Provider::control(Call& call) {
  auto& answer = call.turn.answer;
  const auto path = call.head.path();
  if (path == "/_simulate/stats") {
    answer.body = state_.seen.stats();
  } else if (path == "/_simulate/last") {
    answer.body = state_.seen.last();
  } else if (path == "/_simulate/reset" && call.head.method() == "POST") {
    state_.reset();
    answer.body = "{}";
  } else {
    fail(call, 404);
  }
}

bool Provider::has_key(const ParsedHead& head) const {
  const auto& key = state_.required_key;
  return key.empty() || head.value(KnownField::x_api_key) == key || bearer(head) == key;
}

void Provider::route(Call& call) {
  static constexpr std::string_view kModel = "/v1/models/";
  const auto method = call.head.method();
  const auto path = call.head.path();
  auto& answer = call.turn.answer;
  const bool generates = path == "/v1/messages" || path == "/v1/messages/count_tokens" ||
                         path == "/v1/chat/completions" || path == "/v1/completions" ||
                         path == "/v1/responses" || path == "/v1/responses/compact" ||
                         path == "/v1/responses/input_tokens" || path == "/v1/embeddings";
  if (generates && method == "POST") return generate(call);
  // The words of the header count for every route.
  count_turn(call, {});
  if (call.turn.shape.status != 0) return fail(call, call.turn.shape.status, call.turn.shape.code);
  if (path == "/v1/responses" && call.head.has(KnownField::upgrade)) return fail(call, 426);
  if (generates) return fail(call, 405, {}, "Method Not Allowed");
  if (serve_object(call)) return;
  if (path == "/v1/models" && method == "GET") {
    answer = models_answer(call.dialect, call.head.query(), call.request_id);
  } else if (path.starts_with(kModel) && method == "GET") {
    answer = model_answer(call.dialect, path.substr(kModel.size()), call.request_id);
  } else if (path == "/" || path == "/api/event_logging/batch") {
    answer.body = "{}";
  } else {
    fail(call, 404);
  }
}

Result<Prompt> Provider::read_prompt(std::string_view path, JsonValue body) {
  if (path == "/v1/messages") return read_messages(body, state_.prefixes);
  if (path == "/v1/messages/count_tokens") return read_count_tokens(body);
  if (path == "/v1/chat/completions") return read_chat(body, state_.prefixes);
  if (path == "/v1/completions") return read_completions(body);
  if (path == "/v1/responses/input_tokens") return read_input_tokens(body);
  return read_responses(body, state_.prefixes);
}

// After so many requests of the same words they mean nothing.
void Provider::count_turn(Call& call, std::string_view words) {
  auto& shape = call.turn.shape;
  if (shape.times == 0) return;
  const auto all = std::string(call.head.value("x-simulate")).append(";").append(words);
  if (!state_.take_turn(all, shape.times)) shape = {};
}

bool Provider::decode(Call& call) {
  const auto coding = parse_content_coding(call.head.value(KnownField::content_encoding));
  if (coding == ContentCoding::identity) return true;
  auto plain = decode_body(coding, call.body, kRequestBytesMax);
  if (plain.has_error()) return false;
  plain_ = *std::move(plain);
  call.body = plain_;
  return true;
}

void Provider::generate(Call& call) {
  auto& shape = call.turn.shape;
  const auto path = call.head.path();
  if (!decode(call) || index_.read(call.body) != JsonFault::none) {
    // An error that was asked for does not need a body that can be read.
    count_turn(call, {});
    if (shape.status != 0) return fail(call, shape.status, shape.code);
    return fail(call, 400, {}, "The request body is not valid JSON.");
  }
  if (path == "/v1/embeddings") return embed(call);
  auto read = read_prompt(path, index_.root());
  if (read.has_error()) return fail(call, read.error());
  auto prompt = *std::move(read);
  const auto words = take_words(prompt);
  if (auto parsed = parse_shape(words, shape); parsed.has_error()) return fail(call, parsed.error());
  count_turn(call, words);
  if (shape.status != 0) return fail(call, shape.status, shape.code);
  if (path == "/v1/messages/count_tokens") {
    call.turn.answer = count_tokens_answer(prompt);
    return;
  }
  if (path == "/v1/responses/input_tokens") {
    call.turn.answer = input_tokens_answer(prompt);
    return;
  }
  if (path == "/v1/responses/compact") prompt.stream = false;
  const bool is_kept = path == "/v1/responses" && index_.root().find("store").boolean().value_or(false);
  auto reply = make_reply(std::move(prompt), shape, next_id(), now_s());
  if (is_kept) keep_response(reply);
  if (path == "/v1/messages") {
    call.turn.answer = messages_answer(std::move(reply));
  } else if (path == "/v1/chat/completions") {
    call.turn.answer = chat_answer(std::move(reply));
  } else if (path == "/v1/completions") {
    call.turn.answer = completions_answer(std::move(reply));
  } else if (path == "/v1/responses/compact") {
    call.turn.answer = compact_answer(reply);
  } else {
    call.turn.answer = responses_answer(std::move(reply));
  }
}

void Provider::embed(Call& call) {
  auto& shape = call.turn.shape;
  auto prompt = read_embeddings(index_.root());
  if (prompt.has_error()) return fail(call, prompt.error());
  std::string words;
  if (const auto at = prompt->model.find(kModelMark); at != std::string::npos) {
    words = prompt->model.substr(at + kModelMark.size());
    prompt->model.resize(at);
  }
  if (auto parsed = parse_shape(words, shape); parsed.has_error()) return fail(call, parsed.error());
  count_turn(call, words);
  if (shape.status != 0) return fail(call, shape.status, shape.code);
  call.turn.answer = embeddings_answer(*prompt, shape.no_usage);
}

void Provider::fail(Call& call, int status, std::string_view code, std::string_view message,
                    std::string_view param) {
  call.turn.answer = provider_error(call.dialect, status, code, message, call.request_id, param);
}

void Provider::fail(Call& call, const Error& error) {
  const auto param =
      error.fields().empty() ? std::string_view() : std::string_view(error.fields().front().field);
  const auto code = error.code() == "model_not_found" ? error.code() : std::string_view();
  fail(call, status_of(error.kind()), code, error.message(), param);
}

// Once a second: the parts that hold the time.
void Provider::refresh_fields() {
  const auto now = clock_.now();
  const auto second = now.time_since_epoch().count() / 1000;
  if (second == second_) return;
  second_ = second;
  const auto seconds = static_cast<std::time_t>(second);
  std::tm calendar{};
  ::gmtime_r(&seconds, &calendar);
  char date[64];
  date_field_.assign(date,
                     std::strftime(date, sizeof date, "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &calendar));
  const auto reset = to_rfc3339(WallTime(std::chrono::seconds(second + 1))).substr(0, 19) + "Z";
  anthropic_fields_ = "anthropic-organization-id: 5f0c1d2e-51a0-4b7a-8d11-51a051a051a0\r\n";
  const auto limit = [&](std::string_view what, std::int64_t all) {
    const auto start = "anthropic-ratelimit-" + std::string(what);
    append(anthropic_fields_, start, "-limit: ", all, "\r\n", start, "-remaining: ", all - all / 100, "\r\n",
           start, "-reset: ", reset, "\r\n");
  };
  limit("requests", 4000);
  limit("input-tokens", 2'000'000);
  limit("output-tokens", 400'000);
  limit("tokens", 2'400'000);
  openai_fields_ =
      "openai-organization: simulated\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n"
      "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: "
      "2000000\r\nx-ratelimit-remaining-requests: 9999\r\n"
      "x-ratelimit-remaining-tokens: 1999000\r\nx-ratelimit-reset-requests: 6ms\r\nx-ratelimit-reset-tokens: "
      "30ms\r\n";
}

void Provider::add_fields(Call& call) {
  auto& out = call.turn.fields;
  const auto& shape = call.turn.shape;
  out.reserve(1024);
  out.append(date_field_);
  if (call.dialect == Dialect::anthropic) {
    append(out, "request-id: ", call.request_id, "\r\n", anthropic_fields_);
  } else {
    append(out, "x-request-id: ", call.request_id, "\r\n", openai_fields_);
  }
  if (shape.retry_after >= 0) append(out, "retry-after: ", shape.retry_after, "\r\n");
  if (shape.retry_after_ms >= 0) append(out, "retry-after-ms: ", shape.retry_after_ms, "\r\n");
  if (shape.no_retry) append(out, "x-should-retry: false\r\n");
  if (shape.head_size > 0) append(out, "x-simulate-padding: ", std::string(shape.head_size, 'p'), "\r\n");
}

}  // namespace relay::simulate
