#include "api/field_notes.h"

#include <array>

namespace relay {
namespace {

constexpr auto kNotesOnKeys = std::to_array<FieldNote>({
    // Keys.
    {"Key.id", "Opaque", R"("examples":["key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC"])"},
    {"NewKey.id", "Opaque", R"("examples":["key_01J9ZQ4V8N2Y7M5T3R6W1X0KBC"])"},
    {"key", "The secret itself. It is shown this once"},
    {"apiKey", "The secret: cr_ and 49 letters and digits", R"("examples":["cr_…"])"},
    {"keyPrefix", "The secret's first 8 characters", R"("examples":["cr_6Dzkw"])"},
    {"keySuffix", "The secret's last 4 characters", R"("examples":["KtbO"])"},
    {"keyDisplay", "Prefix, stars, suffix", R"("examples":["cr_6Dzkw********KtbO"])"},
    {"KeyFields.name", "What the key is for; required for a new one",
     R"("minLength":1,"maxLength":100,"examples":["laptop"])"},
    {"name", "What it is called", R"("examples":["laptop"])"},
    {"description", "More words on it", R"("examples":["Claude Code on my laptop"])"},
    {"permissions", "Whose models: claude (Anthropic's), codex (OpenAI's)",
     R"("items":{"type":"string","enum":["claude","codex"]},"examples":[["claude"]])"},
    {"KeyFields.permissions", "Whose models: claude (Anthropic's), codex (OpenAI's); all by default",
     R"("minItems":1,"items":{"type":"string","enum":["claude","codex"]},"examples":[["claude"]])"},
    {"rateLimit", "What the key itself allows; the smallest of key, user and plan holds"},
    {"requestsPerMinute", "Null or 0 is no limit of this kind", R"("minimum":0,"maximum":1000000000)"},
    {"tokensPerMinute", "Null or 0 is no limit of this kind", R"("minimum":0,"maximum":1000000000)"},
    {"requestsPerDay", "Null or 0 is no limit of this kind", R"("minimum":0,"maximum":1000000000)"},
    {"concurrency", "Calls at one time; null or 0 is no limit", R"("minimum":0,"maximum":1000000000)"},
    {"rpm", "The first form's name of requestsPerMinute",
     R"("minimum":0,"maximum":1000000000,"deprecated":true)"},
    {"rpd", "The first form's name of requestsPerDay",
     R"("minimum":0,"maximum":1000000000,"deprecated":true)"},
    {"budget", "What the key may spend"},
    {"daily", "USD a day (UTC) as a decimal; null is no budget", R"("examples":["5.00"])"},
    {"weekly", "USD a week, from Monday (UTC), as a decimal; null is no budget", R"("examples":["25.00"])"},
    {"monthly", "USD a calendar month (UTC) as a decimal; null is no budget", R"("examples":["80.00"])"},
    {"BudgetFields.total", "USD ever, as a decimal; null is no budget", R"("examples":["500.00"])"},
    {"Budget.total", "USD ever, as a decimal; null is no budget", R"("examples":["500.00"])"},
    {"models", "Models that the key may ask for, * standing for any characters; empty: all",
     R"("examples":[["claude-*"]])"},
    {"KeyFields.models", "Models that the key may ask for, * standing for any characters; empty: all",
     R"("maxItems":100,"items":{"type":"string","minLength":1,"maxLength":200},"examples":[["claude-*"]])"},
    {"usageRequests", "Calls ever"},
    {"usageTokens", "Tokens ever"},
    {"usageCost", "USD ever, as a decimal", R"("examples":["1.284065"])"},
    {"lastUsedAt", "The last call"},
    {"lastUsedAddress", "Where the last call came from", R"("examples":["203.0.113.7"])"},
    {"KeyFields.status", "active or inactive; an existing key only", R"("enum":["active","inactive"])"},
    {"status", "A revoked key never works again; expired follows from expiresAt",
     R"("enum":["active","inactive","expired","revoked"])"},
    {"expiresAt", "When the key stops working; null: never", R"("examples":["2030-01-01T00:00:00Z"])"},
    {"ipWhitelist", "Addresses and networks that may use the key; empty: all",
     R"("examples":[["203.0.113.0/24","2001:db8::/32"]])"},
    {"KeyFields.ipWhitelist", "Addresses and networks that may use the key; empty: all",
     R"("maxItems":100,"examples":[["203.0.113.0/24","2001:db8::/32"]])"},
    {"tags", "Words to find it by", R"("examples":[["work"]])"},
    {"KeyFields.tags", "Words to find it by",
     R"("maxItems":20,"items":{"type":"string","minLength":1,"maxLength":50},"examples":[["work"]])"},
    {"responseCache", "Answers are kept for calls that are the same, and cost nothing then"},
    {"KeyFields.responseCache", "Keep answers for calls that are the same; null: no"},
    {"ResponseCache.enabled", "Without it answers are kept only for calls with x-relay-cache: on",
     R"("examples":[true])"},
    {"ResponseCacheFields.enabled", "Without it answers are kept only for calls with x-relay-cache: on",
     R"("examples":[true])"},
    {"ttlSeconds", "How long; null: as long as the relay does by itself", R"("examples":[3600])"},
    {"gracePeriodSeconds", "How long the old secret still works; 0 by default", R"("examples":[3600])"},
    {"AdminKeyFields.status", "inactive: the key is refused until it is active again",
     R"("enum":["active","inactive"])"},
    {"adminListKeys.status", "Only keys of this status",
     R"("enum":["active","inactive","expired","revoked"])"},
    {"adminListKeys.userId", "Only keys of this person", R"("examples":["usr_01J9ZQ4V8N2Y7M5T3R6W1X0KBC"])"},
    {"listKeys.status", "Only keys of this status", R"("enum":["active","inactive","expired","revoked"])"},
    {"search", "Only those with this text in their name or description"},
    {"adminListUsers.search", "Only people with this text in their address or username"},
    {"valid", "Whether the key may be used now"},
});

}  // namespace

std::span<const FieldNote> key_field_notes() { return kNotesOnKeys; }

}  // namespace relay
