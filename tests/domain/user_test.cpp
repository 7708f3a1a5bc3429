#include "domain/user.h"

#include "domain/session.h"
#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

namespace relay {
namespace user_test {

TEST(EmailAddress, IsOneTextForOneMailbox) {
  EXPECT_EQ(EmailAddress::parse("  Ann.Lee+x@Example.COM ").value().text(), "ann.lee+x@example.com");
  EXPECT_EQ(EmailAddress::parse("root@localhost").value().text(), "root@localhost");
  EXPECT_TRUE(EmailAddress::parse("jürgen@müller.example").has_value());
}

TEST(EmailAddress, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "a", "@", "a@", "@b.c", "a@b", "a b@c.de", "a..b@c.de", ".a@c.de", "a.@c.de", "a@c..de",
        "a@-c.de", "a@c-.de", "a@c.de.", "a@b@", "a\n@c.de", "\"a\"@c.de", "a@c_d.de"}) {
    const auto email = EmailAddress::parse(text);
    ASSERT_TRUE(email.has_error()) << text;
    EXPECT_EQ(email.error().fields().at(0).field, "email");
  }
  EXPECT_FALSE(EmailAddress::parse(std::string(65, 'a') + "@c.de").has_value());
}

TEST(Username, HasThreeTo32PlainCharacters) {
  for (const auto* text : {"abc", "A_b.c-9", "01234567890123456789012345678901"}) {
    EXPECT_TRUE(Username::parse(text).has_value()) << text;
  }
  for (const auto* text : {"", "ab", "a b", "äbc", "a@b", "012345678901234567890123456789012"}) {
    EXPECT_FALSE(Username::parse(text).has_value()) << text;
  }
}

TEST(User, MustBeActive) {
  User user{
      .id = "usr_1", .email = EmailAddress::from_store("a@b.c"), .username = Username::from_store("abc")};
  EXPECT_TRUE(user.check_active().has_value());
  for (const auto status : {UserStatus::inactive, UserStatus::suspended, UserStatus::deleted}) {
    user.status = status;
    EXPECT_EQ(user.check_active().error().kind(), ErrorKind::forbidden);
    EXPECT_EQ(parse_user_status(to_string(status)).value(), status);
  }
}

TEST(Session, LetsThePreviousTokenInForTenSeconds) {
  test::FixedClock clock;
  Session session{.refresh_hash = "new", .previous_refresh_hash = "old", .rotated_at = clock.now()};
  EXPECT_TRUE(session.in_grace("old", clock.now()));
  EXPECT_FALSE(session.in_grace("new", clock.now()));
  clock.advance(std::chrono::milliseconds(9'999));
  EXPECT_TRUE(session.in_grace("old", clock.now()));
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(session.in_grace("old", clock.now()));
  EXPECT_FALSE(Session{}.in_grace("", clock.now()));
}

TEST(Username, IsMadeOfWhateverWordsThereAre) {
  const auto made_of = [](const char* words) { return Username::from_words(words).text(); };
  EXPECT_EQ(made_of("Ada Lovelace"), "AdaLovelace");
  EXPECT_EQ(made_of("a+b"), "ab_");
  EXPECT_EQ(made_of("\xc3\xa4"), "___");
  EXPECT_EQ(made_of("0123456789012345678901234567890"), "012345678901234567890123");
  EXPECT_TRUE(Username::parse(made_of("")).has_value());
}

}  // namespace user_test
}  // namespace relay
