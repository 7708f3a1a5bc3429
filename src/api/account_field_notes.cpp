// The notes on accounts at the providers, and on who is tied to them.
#include "api/field_notes.h"

#include <array>

namespace relay {
namespace {

constexpr auto kAccountNotes = std::to_array<FieldNote>({
    {"UpstreamAccount.id", "Opaque", R"("examples":["upa_01J9ZQ4V8N2Y7M5T3R6W1X0KBC"])"},
    {"UpstreamAccount.name", "What administrators call it; no two have one name", R"("examples":["team a"])"},
    {"UpstreamAccountFields.name", "What administrators call it; no two have one name",
     R"("minLength":1,"maxLength":100,"examples":["team a"])"},
    {"source", "store: kept here; settings: of the environment, and changed there",
     R"("enum":["store","settings"])"},
    {"UpstreamAccount.provider", "Whose account it is", R"("enum":["anthropic","openai"])"},
    {"UpstreamAccountFields.provider", "Whose account it is; can't be changed",
     R"("enum":["anthropic","openai"],"examples":["anthropic"])"},
    {"baseUrl", "Where its API is", R"("examples":["https://api.anthropic.com"])"},
    {"UpstreamAccountFields.baseUrl",
     "Where its API is, with or without /v1; the provider's own by default. At a public address, unless "
     "ALLOW_PRIVATE_UPSTREAMS is set",
     R"("maxLength":2048,"examples":["https://api.anthropic.com"])"},
    {"credential", "The account's API key or token. It is sealed, and never shown again",
     R"("minLength":1,"maxLength":8192,"examples":["sk-ant-…"])"},
    {"credentialHint", "The credential's last 4 characters; null of a short one", R"("examples":["9xQA"])"},
    {"UpstreamAccount.priority", "Accounts with the lowest serve while they can"},
    {"UpstreamAccountFields.priority", "Accounts with the lowest serve while they can; 0 by default",
     R"("minimum":0,"maximum":1000)"},
    {"UpstreamAccount.weight", "Its share among accounts of one priority"},
    {"UpstreamAccountFields.weight", "Its share among accounts of one priority; 100 by default",
     R"("minimum":1,"maximum":1000)"},
    {"UpstreamAccount.concurrency", "Calls at one time on each node; null: no limit"},
    {"UpstreamAccountFields.concurrency", "Calls at one time on each node; null or 0: no limit",
     R"("minimum":0,"maximum":1000000)"},
    {"UpstreamAccount.models", "Models that it is known to have; empty: nothing is known",
     R"("examples":[["claude*"]])"},
    {"UpstreamAccountFields.models",
     "Models that it has, * standing for any characters; the provider's families by default. Empty: nothing "
     "is known",
     R"("maxItems":100,"items":{"type":"string","minLength":1,"maxLength":200},"examples":[["claude*"]])"},
    {"modelMap", "Names that clients ask for, and what the account calls these models",
     R"("examples":[{"claude-opus-4-8":"my-deployment"}])"},
    {"dialect", "What calls of the other provider's dialects become here",
     R"("enum":["messages","responses","chat"])"},
    {"UpstreamAccountFields.dialect",
     "What calls of the other provider's dialects become here: of OpenAI's responses (by default) or chat",
     R"("enum":["messages","responses","chat"])"},
    {"groups", "Whose keys and plans it serves; empty: all that have no group",
     R"("maxItems":20,"items":{"type":"string","minLength":1,"maxLength":64},"examples":[["team-a"]])"},
    {"proxy", "HTTP or SOCKS5 proxy that its calls go through, without the password; null: none",
     R"("examples":["socks5://user@proxy.example.com:1080"])"},
    {"UpstreamAccountFields.proxy",
     "HTTP or SOCKS5 proxy that its calls go through; the password is sealed and never shown again; null: "
     "none",
     R"("maxLength":2048,"examples":["socks5://user:secret@proxy.example.com:1080"])"},
    {"dailySpendCap", "USD a day (UTC) as a decimal, past which it is passed over; null: no cap",
     R"("examples":["250.00"])"},
    {"UpstreamAccount.enabled", "Whether it serves calls"},
    {"UpstreamAccountFields.enabled", "Whether it serves calls; true by default", R"("examples":[false])"},
    {"fault", "Why it serves nobody although it is enabled; null: nothing is known against it"},
    {"UpstreamAccount.createdAt", "When it was made; null: of the settings"},
    {"UpstreamAccount.updatedAt", "When it was last changed; null: of the settings"},
    {"passed", "Whether the provider answered with its models"},
    {"AccountTrial.status", "The provider's HTTP status; null: no answer came"},
    {"result", "What came, for a person", R"("examples":["api.anthropic.com answers 200"])"},
    {"accountGroup", "Accounts that have this group serve it; null: the plan's, else those without a group",
     R"("examples":["team-a"])"},
    {"Plan.accountGroup", "Accounts that have this group serve it; null: those without a group",
     R"("examples":["team-a"])"},
    {"PlanFields.accountGroup", "Accounts that have this group serve it; null: those without a group",
     R"("minLength":1,"maxLength":64,"pattern":"^[a-z0-9._-]+$","examples":["team-a"])"},
    {"AdminKeyFields.accountGroup", "Accounts that have this group serve it; null: as the plan says",
     R"("minLength":1,"maxLength":64,"pattern":"^[a-z0-9._-]+$","examples":["team-a"])"},
});

}  // namespace

std::span<const FieldNote> account_field_notes() { return kAccountNotes; }

}  // namespace relay
