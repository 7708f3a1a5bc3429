#include "cache/canonical_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace relay {
namespace canonical_json_test {

using namespace std::string_view_literals;

std::optional<std::string> canonical(std::string_view text, std::span<const std::string_view> left_out = {}) {
  JsonIndex index;
  return index.read(text) == JsonFault::none ? canonical_json(index.root(), left_out) : std::nullopt;
}

TEST(CanonicalJson, SortsMembersAndLeavesOutWhiteSpace) {
  EXPECT_EQ(canonical(" { \"b\" : [ 1 , {\"z\":null, \"a\":true} ] ,\n\t\"a\" : { } } "),
            R"({"a":{},"b":[1,{"a":true,"z":null}]})");
  EXPECT_EQ(canonical(" [ ] "), "[]");
  EXPECT_EQ(canonical(R"({"ab":1,"a":2,"":3})"), R"({"":3,"a":2,"ab":1})");
}

TEST(CanonicalJson, WritesAStringInOneWay) {
  EXPECT_EQ(canonical(R"("\u0061\/\u00e9\ud83d\ude00")"), "\"a/\u00e9\U0001F600\"");
  EXPECT_EQ(canonical(R"("\n\u000A\t\u001f\"\\")"), R"("\u000a\u000a\u0009\u001f\"\\")");
  EXPECT_EQ(canonical(R"({"\u0062":1,"a":2})"), R"({"a":2,"b":1})");
}

TEST(CanonicalJson, KeepsNumbersAsTheyAreWritten) {
  EXPECT_EQ(canonical("[1,1.0,1e0,-0,0.10,12345678901234567890123]"),
            "[1,1.0,1e0,-0,0.10,12345678901234567890123]");
}

TEST(CanonicalJson, KeepsTheOrderOfAList) { EXPECT_NE(canonical("[1,2]"), canonical("[2,1]")); }

TEST(CanonicalJson, RefusesWhatTwoReadersMaySeeInTwoWays) {
  EXPECT_EQ(canonical(R"({"a":1,"a":1})"), std::nullopt);
  EXPECT_EQ(canonical(R"({"a":1,"\u0061":2})"), std::nullopt);
  EXPECT_EQ(canonical(R"([{"x":[{"a":1,"a":2}]}])"), std::nullopt);
  EXPECT_EQ(canonical(R"("\ud800")"), std::nullopt);
  EXPECT_EQ(canonical(R"({"\ud800":1})"), std::nullopt);
}

TEST(CanonicalJson, LeavesNamesOutAtTheTopAlone) {
  constexpr std::array kNames{"metadata"sv, "user"sv};
  EXPECT_EQ(canonical(R"({"user":"u","a":{"user":1},"metad\u0061ta":{}})", kNames), R"({"a":{"user":1}})");
  EXPECT_EQ(canonical(R"({"user":1,"user":1})", kNames), std::nullopt);
}

// A value at random, spelled in one of many ways: two spellings of one value have one canonical form, which
// is its own.
class Spelling {
 public:
  Spelling(unsigned value_seed, unsigned spelling_seed) : value_(value_seed), spelling_(spelling_seed) {}

  std::string text() {
    text_.clear();
    write(0);
    return text_;
  }

 private:
  unsigned value(unsigned below) { return static_cast<unsigned>(value_() % below); }
  bool spells() { return spelling_() % 2 == 0; }
  void space() {
    while (spells()) text_ += " \n\t\r"[spelling_() % 4];
  }

  std::string string_of(char letter) {
    std::string text(1, '"');
    for (int i = 0; i < 3; ++i) {
      if (spells()) {
        const std::string_view digits = "0123456789abcdef";
        text.append("\\u00").append(1, digits[static_cast<unsigned char>(letter) >> 4]);
        text.append(1, digits[letter & 15]);
      } else {
        text += letter;
      }
    }
    return text + '"';
  }

  void write(int depth) {
    space();
    switch (value(depth > 3 ? 3 : 5)) {
      case 0:
        text_ += std::to_string(value(100));
        break;
      case 1:
        text_ += string_of(static_cast<char>('a' + value(20)));
        break;
      case 2:
        text_ += value(2) == 0 ? "true" : "null";
        break;
      case 3:
        write_list(depth);
        break;
      default:
        write_object(depth);
    }
    space();
  }

  void write_list(int depth) {
    text_ += '[';
    for (unsigned i = 0, count = value(4); i < count; ++i) {
      if (i > 0) text_ += ',';
      write(depth + 1);
    }
    text_ += ']';
  }

  void write_object(int depth) {
    std::vector<std::string> members;
    for (char name = 'a', end = static_cast<char>('a' + value(5)); name < end; ++name) {
      const auto before = std::exchange(text_, "");
      write(depth + 1);
      members.push_back(string_of(name) + ":" + std::exchange(text_, before));
    }
    std::ranges::shuffle(members, spelling_);
    text_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) text_ += ',';
      space();
      text_ += members[i];
    }
    text_ += '}';
  }

  std::mt19937 value_;
  std::mt19937 spelling_;
  std::string text_;
};

TEST(CanonicalJson, IsOneForAllSpellingsOfAValue) {
  std::vector<std::string> forms;
  for (unsigned seed = 0; seed < 500; ++seed) {
    const auto form = canonical(Spelling(seed, 1).text());
    ASSERT_TRUE(form.has_value());
    for (unsigned spelling = 2; spelling < 6; ++spelling) {
      const auto text = Spelling(seed, spelling).text();
      EXPECT_EQ(canonical(text), form) << text;
    }
    EXPECT_EQ(canonical(*form), form);
    forms.push_back(*form);
  }
  std::ranges::sort(forms);
  const auto repeats = std::ranges::unique(forms);
  EXPECT_GT(forms.size() - repeats.size(), 200U);  // the values were not all the same
}

}  // namespace canonical_json_test
}  // namespace relay
