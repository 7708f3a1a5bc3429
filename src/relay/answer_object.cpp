#include "http/header_rules.h"
#include "relay/object_phases.h"
#include "relay/provider_objects.h"
#include "relay/read_whole.h"

namespace relay {
namespace {

constexpr std::size_t kObjectBytesMax = 8 * 1024 * 1024;

// The provider's head lies in the worker's scratch: before anything is waited for.
std::vector<Header> passing_fields(Exchange& exchange) {
  std::vector<Header> headers;
  const auto& head = exchange.client.worker().answer_head();
  for (const HeadField field : head.fields()) {
    const bool is_framing =
        field.known == KnownField::content_length || field.known == KnownField::content_encoding;
    if (!is_framing && passes_to_client(head, field))
      headers.push_back({std::string(field.name), std::string(field.value)});
  }
  headers.push_back({"x-relay-request-id", exchange.request_id});
  return headers;
}

bool is_openai_batch(const Exchange& exchange) {
  return exchange.operation.object == ProviderObjectKind::batch &&
         exchange.dialect != WireDialect::anthropic_messages;
}

}  // namespace

Task<> answer_object(Exchange& exchange, ProviderObjects& objects, UpstreamConnections& connections,
                     const AttemptLimits& limits, std::string results_base) {
  HttpAnswer answer;
  answer.status = exchange.answer.status;
  answer.headers = passing_fields(exchange);
  CO_TRY(answer.body, co_await read_whole(exchange, connections, limits, kObjectBytesMax));
  const bool passed = answer.status >= 200 && answer.status < 300;
  if (passed && exchange.operation.call == ObjectCall::remove) {
    static_cast<void>(co_await objects.forget(exchange.object->found.id));
  } else if (passed) {
    const auto facts = read_object_answer(answer.body, exchange.json);
    std::vector<ProviderObject> news;
    const bool is_new = exchange.operation.call == ObjectCall::create && !facts.id.empty();
    if (is_new) news.push_back(made_object(exchange, facts));
    if (is_openai_batch(exchange)) {
      const auto batch = is_new ? news.front() : exchange.object->found;
      for (auto& file : files_of_batch(batch, facts)) news.push_back(std::move(file));
    }
    if (!results_base.empty())
      answer.body = with_results_at(results_base, std::move(answer.body), exchange.json);
    static_cast<void>(co_await objects.add(std::move(news)));
  }
  const bool taken = co_await exchange.client.answer(std::move(answer));
  if (!taken) exchange.client.close_after();
  co_return ok;
}

}  // namespace relay
