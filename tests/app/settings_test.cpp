#include "app/settings.h"

#include "fakes/seeded_random.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace relay {
namespace settings_test {

using namespace std::chrono_literals;

std::string wrong_words(const SettingTexts& texts) {
  auto parsed = parse_settings(texts);
  if (parsed.has_value()) return "";
  std::string words;
  for (const auto& field : parsed.error().fields()) words += field.message + "\n";
  return words;
}

TEST(Settings, HaveDefaultsThatCanBeUsed) {
  const auto parsed = parse_settings({});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->host, "127.0.0.1");
  EXPECT_EQ(parsed->port, 3001);
  EXPECT_EQ(parsed->connect_timeout, 5s);
  EXPECT_EQ(parsed->first_byte_timeout, 300s);
  EXPECT_EQ(parsed->stream_idle_timeout, 120s);
  EXPECT_EQ(parsed->head_timeout, 10s);
  EXPECT_EQ(parsed->body_timeout, 60s);
  EXPECT_EQ(parsed->body_bytes_max, 32U << 20);
  EXPECT_GE(parsed->threads, 1U);
  EXPECT_EQ(parsed->plaintext_passwords, PlaintextPasswordRule::automatic);
  EXPECT_EQ(parsed->auth_limit_per_address, 30);
  EXPECT_TRUE(parsed->has_no_upstream());
}

TEST(Settings, TheRedisStoreNeedsARedis) {
  EXPECT_NE(wrong_words({{"DATABASE_TYPE", "redis"}}).find("REDIS_URL is missing"), std::string::npos);
  EXPECT_EQ(wrong_words({{"DATABASE_TYPE", "redis"}, {"REDIS_URL", "redis://127.0.0.1"}}), "");
}

TEST(Settings, TakeWhatIsSet) {
  const auto parsed = parse_settings({{"CLIENT_API_PORT", "0"},
                                      {"TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.7"},
                                      {"ALLOWED_ORIGINS", "https://team.example/,http://localhost:5173"},
                                      {"UPSTREAM_CONNECT_TIMEOUT", "250ms"},
                                      {"JOURNAL_SYNC", "group"},
                                      {"UNKNOWN_MODEL", "block"},
                                      {"LOG_FORMAT", "json"},
                                      {"ANTHROPIC_BASE_URL", "http://127.0.0.1:9000/"},
                                      {"ANTHROPIC_API_KEY", "sk-ant-x"}});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->port, 0);
  ASSERT_EQ(parsed->trusted_proxies.size(), 2U);
  EXPECT_EQ(parsed->allowed_origins,
            (std::vector<std::string>{"https://team.example", "http://localhost:5173"}));
  EXPECT_EQ(parsed->connect_timeout, 250ms);
  EXPECT_EQ(parsed->journal_sync, JournalSync::group);
  EXPECT_TRUE(parsed->blocks_unknown_models);
  EXPECT_EQ(parsed->log_format, LogFormat::json);
  EXPECT_EQ(parsed->anthropic_base_url, "http://127.0.0.1:9000");
  EXPECT_FALSE(parsed->has_no_upstream());
}

TEST(Settings, TakeAnEmptyTextForOneThatIsNotSet) {
  const auto parsed = parse_settings({{"CLIENT_API_PORT", ""}, {"ANTHROPIC_API_KEY", ""}});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->port, 3001);
}

TEST(Settings, NameEveryWrongVariableAtOnce) {
  const auto words = wrong_words({{"CLIENT_API_PORT", "70000"},
                                  {"LOG_LEVEL", "loud"},
                                  {"CLIENT_HEAD_TIMEOUT", "10"},
                                  {"TRUSTED_PROXIES", "10.0.0.0/33"},
                                  {"CLIENT_API_HOST", "localhost"}});
  EXPECT_NE(words.find("CLIENT_API_PORT must be a whole number from 0 to 65535, not '70000'"),
            std::string::npos);
  EXPECT_NE(words.find("LOG_LEVEL must be one of trace"), std::string::npos);
  EXPECT_NE(words.find("CLIENT_HEAD_TIMEOUT must be a time from 100ms to 1h with its unit"),
            std::string::npos)
      << words;
  EXPECT_NE(words.find("TRUSTED_PROXIES"), std::string::npos);
  EXPECT_NE(words.find("CLIENT_API_HOST"), std::string::npos);
}

TEST(Settings, RefuseEveryVariableThatIsNonsense) {
  // Free text has no wrong form; all else must notice.
  const std::set<std::string_view> free_text{"ANTHROPIC_API_KEY", "OPENAI_API_KEY",
                                             "UPSTREAM_CA_FILE",  "DATA_DIR",
                                             "MYSQL_HOST",        "MYSQL_USER",
                                             "MYSQL_PASSWORD",    "MYSQL_DATABASE",
                                             "MYSQL_SSL_CA",      "REDIS_CA_FILE",
                                             "SMTP_CA_FILE",      "LOG_DIR",
                                             "METRICS_TOKEN",     "OAUTH_OIDC_CLIENT_SECRET",
                                             "OAUTH_OIDC_NAME"};
  for (const auto& line : setting_lines()) {
    if (free_text.contains(line.name)) continue;
    const auto words = wrong_words({{std::string(line.name), "@ nonsense @"}});
    EXPECT_NE(words.find(line.name), std::string::npos) << line.name << " takes anything";
  }
}

TEST(Settings, NeedAnAccountAndADatabaseForMysql) {
  const auto words = wrong_words({{"DATABASE_TYPE", "mysql"}});
  EXPECT_NE(words.find("MYSQL_USER is missing"), std::string::npos) << words;
  EXPECT_NE(words.find("MYSQL_DATABASE is missing"), std::string::npos) << words;
  EXPECT_EQ(wrong_words({{"DATABASE_TYPE", "mysql"}, {"MYSQL_USER", "u"}, {"MYSQL_DATABASE", "d"}}), "");
}

TEST(Settings, RefuseHalfOfACertificate) {
  EXPECT_NE(wrong_words({{"TLS_CERT_FILE", "a.pem"}}).find("TLS_KEY_FILE is missing"), std::string::npos);
}

TEST(Settings, RefuseWeakSecrets) {
  const std::string good = "vK3qT9xW2mZ7rB5nL8cF4hJ6dG1sP0aY";
  EXPECT_EQ(wrong_words({{"CLIENT_JWT_SECRET", good}, {"ENCRYPTION_KEY", good + "," + good}}), "");
  for (const auto& weak : {std::string("tiny"), std::string(40, 'a'), "your-secret-key-" + good,
                           "CHANGE-ME-" + good, std::string("abababababababababababababababababab")}) {
    EXPECT_NE(wrong_words({{"CLIENT_JWT_SECRET", weak}}).find("CLIENT_JWT_SECRET"), std::string::npos)
        << weak;
    EXPECT_NE(wrong_words({{"ENCRYPTION_KEY", good + "," + weak}}).find("ENCRYPTION_KEY"), std::string::npos)
        << weak;
    EXPECT_EQ(wrong_words({{"CLIENT_JWT_SECRET", weak}}).find(weak), std::string::npos)
        << "it repeats the secret";
  }
}

TEST(Settings, RefuseAPasswordInABaseUrlWithoutRepeatingIt) {
  const auto words = wrong_words({{"OPENAI_BASE_URL", "https://me:hunter2@api.example"}});
  EXPECT_NE(words.find("OPENAI_BASE_URL"), std::string::npos);
  EXPECT_EQ(words.find("hunter2"), std::string::npos);
}

class SettingsOnDisk : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    const auto path = folder_.file(".env");
    std::ofstream(path) << text << "DATA_DIR=" << folder_.file("data") << "\n";
    return path;
  }
  test::TemporaryFolder folder_;
  test::SeededRandom random_;
};

TEST_F(SettingsOnDisk, ReadAnEnvFileAndWarnOfUnknownNames) {
  const auto settings = load_settings(write("METRICS_TOKEN='a b'\nCLIENT_API_PROT=1\n"), random_);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->metrics_token, "a b");
  ASSERT_EQ(settings->warnings.size(), 1U);
  EXPECT_NE(settings->warnings[0].find("CLIENT_API_PROT"), std::string::npos);
}

TEST_F(SettingsOnDisk, LetTheEnvironmentWin) {
  const auto path = write("METRICS_TOKEN=file\n");
  ::setenv("METRICS_TOKEN", "environment", 1);
  const auto settings = load_settings(path, random_);
  ::unsetenv("METRICS_TOKEN");
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->metrics_token, "environment");
}

TEST_F(SettingsOnDisk, KeepGeneratedSecretsToTheOwner) {
  const auto path = write("");
  const auto first = load_settings(path, random_);
  const auto second = load_settings(path, random_);
  ASSERT_TRUE(first.has_value());
  ASSERT_TRUE(second.has_value());
  EXPECT_GE(first->jwt_secret.size(), 43U);
  EXPECT_EQ(first->jwt_secret, second->jwt_secret);
  EXPECT_EQ(first->encryption_keys, second->encryption_keys);
  EXPECT_NE(first->jwt_secret, first->encryption_keys.at(0));
  struct stat facts {};
  ASSERT_EQ(::stat(folder_.file("data/client_jwt_secret").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(SettingsOnDisk, RefuseASecretThatOthersMayRead) {
  const auto path = write("");
  ASSERT_TRUE(load_settings(path, random_).has_value());
  ASSERT_EQ(::chmod(folder_.file("data/encryption_key").c_str(), 0644), 0);
  const auto settings = load_settings(path, random_);
  ASSERT_TRUE(settings.has_error());
  EXPECT_NE(settings.error().message().find("chmod 600"), std::string::npos);
}

TEST_F(SettingsOnDisk, RefuseABrokenEnvFileByItsLine) {
  const auto settings = load_settings(write("LOG_LEVEL=info\nnonsense\n"), random_);
  ASSERT_TRUE(settings.has_error());
  EXPECT_NE(settings.error().fields().at(0).message.find("line 2"), std::string::npos);
}

TEST(SettingsTable, StandsInTheReadmeAsItIsInTheCode) {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(readme.find(settings_as_markdown()), std::string::npos)
      << "put the output of `claude-relay doctor --settings` into README.md";
}

}  // namespace settings_test
}  // namespace relay
