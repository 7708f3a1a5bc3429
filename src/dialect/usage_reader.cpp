#include "dialect/usage_reader.h"

#include "dialect/anthropic_messages.h"
#include "dialect/openai_chat.h"
#include "dialect/openai_completions.h"
#include "dialect/openai_embeddings.h"
#include "dialect/openai_responses.h"
#include "dialect/openai_usage.h"

#include <algorithm>

namespace relay {
namespace {

/// Anthropic: kinds that do not overlap; the split of the cache writes may be missing or behind the total.
void count_anthropic(const ReportedCounts& counts, Usage& usage) {
  usage.input_tokens = counts.input.value_or(0);
  usage.cache_write_1h_tokens = counts.cache_write_1h.value_or(0);
  const auto unsplit = counts.cache_write.value_or(0) - usage.cache_write_1h_tokens;
  usage.cache_write_5m_tokens = std::max({counts.cache_write_5m.value_or(0), unsplit, std::int64_t{0}});
  usage.cache_read_tokens = counts.cache_read.value_or(0);
  usage.output_tokens = counts.output.value_or(0);
}

/// OpenAI: the input count includes audio, images, and what was read from and written to the cache; the
/// output count includes audio and images.
void count_openai(const ReportedCounts& counts, Usage& usage) {
  const auto cached = counts.cache_read.value_or(0);
  const auto audio = counts.audio_input.value_or(0);
  usage.cache_write_5m_tokens = counts.cache_write.value_or(0);
  usage.image_input_tokens = counts.image_input.value_or(0);
  const auto text = counts.input.value_or(0) - usage.cache_write_5m_tokens - usage.image_input_tokens - audio;
  // Where it is not said which kind was cached it is text, as far as there is text: the dearer kind is not
  // taken for cached without need.
  const auto audio_cached = counts.audio_cache_read.value_or(cached - std::max<std::int64_t>(text, 0));
  usage.audio_cache_read_tokens =
      std::clamp(audio_cached, std::int64_t{0}, std::min(std::max(audio, std::int64_t{0}), cached));
  usage.audio_input_tokens = audio - usage.audio_cache_read_tokens;
  usage.cache_read_tokens = cached - usage.audio_cache_read_tokens;
  usage.input_tokens = std::max<std::int64_t>(0, text - usage.cache_read_tokens);
  usage.audio_output_tokens = counts.audio_output.value_or(0);
  usage.image_output_tokens = counts.image_output.value_or(0);
  usage.output_tokens = std::max<std::int64_t>(
      0, counts.output.value_or(0) - usage.audio_output_tokens - usage.image_output_tokens);
}

}  // namespace

void UsageReader::on_event(std::string_view name, std::string_view data) {
  switch (dialect_) {
    case WireDialect::anthropic_messages:
      return anthropic_messages::read_event(reading_, name, data);
    case WireDialect::openai_chat:
      return openai_chat::read_event(reading_, name, data);
    case WireDialect::openai_completions:
      return openai_completions::read_event(reading_, name, data);
    case WireDialect::openai_responses:
      return openai_responses::read_event(reading_, name, data);
    case WireDialect::openai_embeddings:
      return;  // never a stream
  }
}

void UsageReader::on_json(std::string_view body) {
  if (reading_.json.read(body) != JsonFault::none) {
    if (dialect_ == WireDialect::openai_embeddings) return openai_embeddings::read_ends(reading_, body);
    reading_.whole_text_bytes = static_cast<std::int64_t>(body.size());
    return;
  }
  const auto root = reading_.json.root();
  switch (dialect_) {
    case WireDialect::anthropic_messages:
      return anthropic_messages::read_json(reading_, root);
    case WireDialect::openai_chat:
      return openai_chat::read_json(reading_, root);
    case WireDialect::openai_completions:
      return openai_completions::read_json(reading_, root);
    case WireDialect::openai_responses:
      return openai_responses::read_json(reading_, root);
    case WireDialect::openai_embeddings:
      return openai_embeddings::read_json(reading_, root);
  }
}

void UsageReader::on_error(std::string_view body) {
  auto& type = reading_.facts.error_type;
  if (reading_.json.read(body) == JsonFault::none) {
    const auto error = reading_.json.root().find("error");
    if (dialect_ == WireDialect::anthropic_messages) {
      overwrite(type, error.find("type"), reading_.scratch);
    } else {
      openai::read_error(reading_, error);
    }
  }
  if (type.empty()) type = "error";
}

const AnswerFacts& UsageReader::finish() {
  auto& facts = reading_.facts;
  const auto& counts = reading_.counts;
  facts.usage = {};
  if (!facts.error_type.empty()) facts.complete = false;  // also an error behind the end
  if (dialect_ == WireDialect::anthropic_messages) {
    count_anthropic(counts, facts.usage);
  } else {
    count_openai(counts, facts.usage);
  }
  for (const auto& count : kUsageCounts) facts.usage.*count.of += reading_.beside.*count.of;
  facts.usage.web_search_requests = counts.web_searches.value_or(reading_.search_items);
  facts.usage.web_fetch_requests = counts.web_fetches.value_or(0);
  facts.input_reported = counts.input.has_value();
  facts.emitted_text_bytes = std::max(reading_.delta_text_bytes, reading_.whole_text_bytes);
  const bool something_began = counts.input || counts.output || facts.emitted_text_bytes > 0 ||
                               (!facts.message_id.empty() && facts.error_type.empty());
  facts.estimated = !facts.output_reported && something_began;
  if (facts.estimated) {
    const auto estimate = (facts.emitted_text_bytes + kEstimatedBytesPerToken - 1) / kEstimatedBytesPerToken;
    facts.usage.output_tokens = std::max(facts.usage.output_tokens, estimate);
  }
  facts.estimated = facts.estimated || reading_.has_other_model;
  const auto part_of_output = [&](const std::optional<std::int64_t>& count) {
    return std::min(count.value_or(0), facts.usage.output_tokens);
  };
  facts.usage.reasoning_tokens = part_of_output(counts.reasoning);
  facts.usage.accepted_prediction_tokens = part_of_output(counts.accepted_prediction);
  facts.usage.rejected_prediction_tokens = part_of_output(counts.rejected_prediction);
  return facts;
}

}  // namespace relay
