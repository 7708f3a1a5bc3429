#include "domain/upstream_account.h"

#include "text/control_characters.h"
#include "text/lines.h"
#include "text/utf8.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kGroupsMax = 20;
constexpr std::size_t kMappedModelsMax = 100;
constexpr std::size_t kHintCharacters = 4;
constexpr std::size_t kCredentialWithHint = 16;  // of less than this the end would tell too much

bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && std::ranges::all_of(name, is_visible);
}

Error account_invalid(const std::string& field, const std::string& words) {
  return Error(ErrorKind::validation, "account_invalid", "The account is not valid").on_field(field, words);
}

}  // namespace

Result<ModelMap> ModelMap::parse(Names names) {
  const auto is_name = [](const auto& name) {
    return is_model_name(name.first) && is_model_name(name.second);
  };
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names, {}, &Names::value_type::first);
  if (names.size() > kMappedModelsMax || !std::ranges::all_of(names, is_name) || twice != names.end()) {
    return account_invalid("modelMap",
                           "must be at most 100 names of 1 to 200 visible characters, none asked for twice");
  }
  return ModelMap(std::move(names));
}

Result<ModelMap> ModelMap::from_store(std::string_view text) {
  Names names;
  for (const auto& line : split_lines(text)) {
    const auto space = line.find(' ');
    if (space == std::string::npos) {
      return Error(ErrorKind::internal, "store_failed", "Internal error").because("a broken map of models");
    }
    names.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return ModelMap(std::move(names));
}

std::string ModelMap::to_text() const {
  std::vector<std::string> lines;
  lines.reserve(names_.size());
  for (const auto& [asked, upstream] : names_) lines.push_back(asked + ' ' + upstream);
  return join_lines(lines);
}

Result<std::string> parse_account_group(std::string_view text, const std::string& field) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (text.empty() || text.size() > 64 || !std::ranges::all_of(text, is_letter)) {
    return account_invalid(field, "must be 1 to 64 of a-z, 0-9, '-', '_' and '.'");
  }
  return std::string(text);
}

Result<std::vector<std::string>> parse_account_groups(const std::vector<std::string>& texts) {
  if (texts.size() > kGroupsMax) return account_invalid("groups", "must be at most 20");
  std::vector<std::string> groups;
  for (const auto& text : texts) {
    TRY(auto group, parse_account_group(text, "groups"));
    groups.push_back(std::move(group));
  }
  std::ranges::sort(groups);
  // Not std::ranges::unique: clang 14, which builds the fuzz targets, can't take its subrange.
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

Result<std::string> parse_account_name(std::string_view text) {
  const auto length = count_utf8(text);
  if (!length || *length < 1 || *length > 100 || has_control_character(text) || text.front() == ' ' ||
      text.back() == ' ') {
    return account_invalid("name", "must be 1 to 100 characters without control characters");
  }
  return std::string(text);
}

Result<std::string> parse_account_credential(std::string_view text) {
  if (text.empty() || text.size() > 8192 || !std::ranges::all_of(text, is_visible)) {
    return account_invalid("credential", "must be 1 to 8192 visible ASCII characters");
  }
  return std::string(text);
}

std::string credential_hint(std::string_view credential) {
  if (credential.size() < kCredentialWithHint) return {};
  return std::string(credential.substr(credential.size() - kHintCharacters));
}

Result<> AccountShare::check() const {
  Error error(ErrorKind::validation, "account_invalid", "The account is not valid");
  if (priority < 0 || priority > 1000) error.on_field("priority", "must be 0 to 1000");
  if (weight < 1 || weight > 1000) error.on_field("weight", "must be 1 to 1000");
  if (concurrency < 0 || concurrency > 1'000'000) {
    error.on_field("concurrency", "must be 0 (no limit) to 1000000");
  }
  if (!error.fields().empty()) return error;
  return ok;
}

std::string credential_purpose(std::string_view account_id) {
  return "credential of upstream account " + std::string(account_id);
}

std::string proxy_password_purpose(std::string_view account_id) {
  return "proxy password of upstream account " + std::string(account_id);
}

std::string_view to_account_dialect(WireDialect dialect) {
  if (dialect == WireDialect::anthropic_messages) return "messages";
  return dialect == WireDialect::openai_chat ? "chat" : "responses";
}

Result<WireDialect> parse_account_dialect(std::string_view text, Provider provider) {
  if (provider == Provider::anthropic) {
    if (text == "messages") return WireDialect::anthropic_messages;
    return account_invalid("dialect", "must be messages for an account of Anthropic's");
  }
  if (text == "responses") return WireDialect::openai_responses;
  if (text == "chat") return WireDialect::openai_chat;
  return account_invalid("dialect", "must be responses or chat for an account of OpenAI's");
}

}  // namespace relay
