#include "domain/locality.h"

#include <gtest/gtest.h>

namespace relay {
namespace locality_test {

TEST(TimeZone, IsANameOfTheIanaDatabase) {
  for (const auto* name :
       {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Africa/Abidjan", "Zulu"}) {
    EXPECT_EQ(parse_time_zone(name).value(), name);
  }
  for (const auto* name :
       {"", "europe/berlin", "Europe/Berlin ", "Europe", "../etc/passwd", "UTC\n", "+02:00"}) {
    EXPECT_TRUE(parse_time_zone(name).has_error()) << name;
  }
}

TEST(Locale, IsALanguageTagInItsUsualCase) {
  EXPECT_EQ(parse_locale("EN").value(), "en");
  EXPECT_EQ(parse_locale("pt-br").value(), "pt-BR");
  EXPECT_EQ(parse_locale("zh-hant-tw").value(), "zh-Hant-TW");
  EXPECT_EQ(parse_locale("es-419").value(), "es-419");
  for (const auto* text :
       {"", "e", "english", "en_US", "en-", "-en", "en--US", "en-USA", "en-US-x", "e1", "en-Latn-"}) {
    EXPECT_TRUE(parse_locale(text).has_error()) << text;
  }
}

}  // namespace locality_test
}  // namespace relay
