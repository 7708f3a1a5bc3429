#include "store/sql/sql_statement.h"

#include "text/utf8.h"

#include <soci/soci.h>

#include <deque>
#include <functional>
#include <vector>

namespace relay {

// Deques: SOCI keeps references, which must survive the next bind.
struct SqlStatement::Parts {
  explicit Parts(soci::session& sql) : statement(sql) {}

  struct Text {
    std::string value;
    soci::indicator present = soci::i_ok;
  };
  struct Number {
    std::int64_t value = 0;
    soci::indicator present = soci::i_ok;
  };

  std::deque<Text> texts;
  std::deque<Number> numbers;
  std::vector<std::function<void()>> after_fetch;
  soci::statement statement;

  Text& text_slot() { return texts.emplace_back(); }
  Number& number_slot() {
    auto& slot = numbers.emplace_back();
    statement.exchange(soci::into(slot.value, slot.present));
    return slot;
  }
};

SqlStatement::SqlStatement(soci::session& sql) : parts_(std::make_unique<Parts>(sql)) {}
SqlStatement::~SqlStatement() = default;

SqlStatement& SqlStatement::use(std::string value) {
  if (!is_utf8(value)) value = to_valid_utf8(value);
  auto& slot = parts_->texts.emplace_back(Parts::Text{std::move(value)});
  parts_->statement.exchange(soci::use(slot.value));
  return *this;
}

SqlStatement& SqlStatement::use(std::int64_t value) {
  auto& slot = parts_->numbers.emplace_back(Parts::Number{value});
  parts_->statement.exchange(soci::use(slot.value));
  return *this;
}

SqlStatement& SqlStatement::use(const std::optional<std::string>& value) {
  if (value) return use(std::string(*value));
  auto& slot = parts_->texts.emplace_back(Parts::Text{.value = {}, .present = soci::i_null});
  parts_->statement.exchange(soci::use(slot.value, slot.present));
  return *this;
}

SqlStatement& SqlStatement::use(const std::optional<std::int64_t>& value) {
  auto& slot =
      parts_->numbers.emplace_back(Parts::Number{value.value_or(0), value ? soci::i_ok : soci::i_null});
  parts_->statement.exchange(soci::use(slot.value, slot.present));
  return *this;
}

SqlStatement& SqlStatement::use(const std::optional<WallTime>& value) {
  return use(value ? std::optional(epoch_ms(*value)) : std::nullopt);
}

SqlStatement& SqlStatement::into(std::string& out) {
  parts_->statement.exchange(soci::into(out));
  return *this;
}

SqlStatement& SqlStatement::into(std::int64_t& out) {
  parts_->statement.exchange(soci::into(out));
  return *this;
}

SqlStatement& SqlStatement::into(bool& out) {
  auto& slot = parts_->number_slot();
  parts_->after_fetch.emplace_back([&slot, &out] { out = slot.value != 0; });
  return *this;
}

SqlStatement& SqlStatement::into(WallTime& out) {
  auto& slot = parts_->number_slot();
  parts_->after_fetch.emplace_back([&slot, &out] { out = wall_time(slot.value); });
  return *this;
}

SqlStatement& SqlStatement::into(std::optional<std::string>& out) {
  auto& slot = parts_->text_slot();
  parts_->statement.exchange(soci::into(slot.value, slot.present));
  parts_->after_fetch.emplace_back(
      [&slot, &out] { out = slot.present == soci::i_ok ? std::optional(slot.value) : std::nullopt; });
  return *this;
}

SqlStatement& SqlStatement::into(std::optional<std::int64_t>& out) {
  auto& slot = parts_->number_slot();
  parts_->after_fetch.emplace_back(
      [&slot, &out] { out = slot.present == soci::i_ok ? std::optional(slot.value) : std::nullopt; });
  return *this;
}

SqlStatement& SqlStatement::into(std::optional<WallTime>& out) {
  auto& slot = parts_->number_slot();
  parts_->after_fetch.emplace_back([&slot, &out] {
    out = slot.present == soci::i_ok ? std::optional(wall_time(slot.value)) : std::nullopt;
  });
  return *this;
}

void SqlStatement::select(const std::string& text) {
  parts_->statement.alloc();
  parts_->statement.prepare(text);
  parts_->statement.define_and_bind();
  parts_->statement.execute();
}

bool SqlStatement::fetch() {
  if (!parts_->statement.fetch()) return false;
  for (const auto& keep : parts_->after_fetch) keep();
  return true;
}

std::int64_t SqlStatement::run(const std::string& text) {
  parts_->statement.alloc();
  parts_->statement.prepare(text);
  parts_->statement.define_and_bind();
  parts_->statement.execute(true);
  return parts_->statement.get_affected_rows();
}

}  // namespace relay
