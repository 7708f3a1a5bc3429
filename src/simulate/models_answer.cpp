// The list of models, in both shapes.
#include "simulate/answer.h"
#include "simulate/wire_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace relay::simulate {
namespace {

struct Model {
  std::string_view id, name, created;  // of Anthropic
};

constexpr auto kAnthropic = std::to_array<Model>({
    {"claude-opus-5-5", "Claude Opus 5.5", "2026-09-02T00:00:00Z"},
    {"claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-08-12T00:00:00Z"},
    {"claude-haiku-5-5", "Claude Haiku 5.5", "2026-08-12T00:00:00Z"},
    {"claude-opus-4-8", "Claude Opus 4.8", "2026-03-04T00:00:00Z"},
    {"claude-sonnet-4-6", "Claude Sonnet 4.6", "2025-12-10T00:00:00Z"},
    {"claude-sonnet-4-5", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z"},
    {"claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-15T00:00:00Z"},
});

constexpr auto kOpenai = std::to_array<std::string_view>(
    {"gpt-6-sol", "gpt-5.5", "gpt-5.4-mini", "gpt-5.3-codex", "gpt-5", "gpt-4.1", "gpt-4o", "gpt-4o-mini"});

constexpr std::size_t kPageSize = 20, kPageSizeMax = 1000;
constexpr std::int64_t kOpenaiCreated = 1'767'225'600;

void append_model(std::string& out, const Model& model) {
  append(out, R"({"type":"model","id":")", model.id, R"(","display_name":")", model.name,
         R"(","created_at":")", model.created, R"("})");
}

void append_model(std::string& out, std::string_view id) {
  append(out, R"({"id":")", id, R"(","object":"model","created":)", kOpenaiCreated,
         R"(,"owned_by":"simulate"})");
}

template <class Models>
void append_list(std::string& out, const Models& models) {
  out.append(R"("data":[)");
  bool first = true;
  for (const auto& model : models) {
    if (!first) out.push_back(',');
    first = false;
    append_model(out, model);
  }
  out.push_back(']');
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

std::size_t index_of(std::string_view id, std::size_t otherwise) {
  const auto found =
      std::find_if(kAnthropic.begin(), kAnthropic.end(), [id](const Model& m) { return m.id == id; });
  return found == kAnthropic.end() ? otherwise : static_cast<std::size_t>(found - kAnthropic.begin());
}

}  // namespace

Answer models_answer(Dialect dialect, std::string_view query, std::string_view request_id) {
  Answer answer{.dialect = dialect};
  if (dialect == Dialect::openai) {
    answer.body = R"({"object":"list",)";
    append_list(answer.body, kOpenai);
    answer.body.push_back('}');
    return answer;
  }
  std::size_t limit = kPageSize;
  if (const auto text = parameter(query, "limit"); !text.empty()) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (fault != std::errc() || end != text.data() + text.size() || limit < 1 || limit > kPageSizeMax) {
      return provider_error(dialect, 400, "", "limit: Input should be a whole number from 1 to 1000",
                            request_id);
    }
  }
  const auto after = parameter(query, "after_id");
  std::size_t from = after.empty() ? 0 : index_of(after, kAnthropic.size() - 1) + 1;
  std::size_t to = std::min(from + limit, kAnthropic.size());
  bool more = to < kAnthropic.size();
  if (const auto before = parameter(query, "before_id"); !before.empty()) {
    to = index_of(before, 0);
    from = to > limit ? to - limit : 0;
    more = from > 0;
  }
  const auto page = std::span(kAnthropic).subspan(from, to - from);
  answer.body = "{";
  append_list(answer.body, page);
  append(answer.body, R"(,"has_more":)", more ? "true" : "false");
  if (page.empty()) {
    append(answer.body, R"(,"first_id":null,"last_id":null})");
  } else {
    append(answer.body, R"(,"first_id":")", page.front().id, R"(","last_id":")", page.back().id, R"("})");
  }
  return answer;
}

Answer model_answer(Dialect dialect, std::string_view id, std::string_view request_id) {
  Answer answer{.dialect = dialect};
  if (dialect == Dialect::openai) {
    if (std::find(kOpenai.begin(), kOpenai.end(), id) == kOpenai.end()) {
      return provider_error(dialect, 404, "model_not_found",
                            "The model '" + std::string(id) + "' does not exist", request_id, "model");
    }
    append_model(answer.body, id);
    return answer;
  }
  const auto index = index_of(id, kAnthropic.size());
  if (index == kAnthropic.size())
    return provider_error(dialect, 404, "", "model: " + std::string(id), request_id);
  append_model(answer.body, kAnthropic[index]);
  return answer;
}

}  // namespace relay::simulate
