// The notes on usage, and on what it costs.
#include "api/field_notes.h"

#include <array>

namespace relay {
namespace {

constexpr auto kUsageNotes = std::to_array<FieldNote>({
    {"requests", "Calls"},
    {"errors", "Calls that the provider refused or that failed"},
    {"unpricedRequests", "Calls whose model had no price: their cost is not known"},
    {"cachedRequests",
     "Calls that the relay's own cache answered: they cost nothing, and their tokens are not counted"},
    {"tokens", "Tokens"},
    {"input", "Tokens that were not cached"},
    {"cacheWrite5m", "Tokens written to the cache for 5 minutes"},
    {"cacheWrite1h", "Tokens written to the cache for an hour"},
    {"cacheRead", "Tokens read from the cache"},
    {"output", "Tokens that the model wrote, reasoning included, without audio and images"},
    {"reasoning", "Part of output"},
    {"audioInput", "Tokens of sound that were not cached"},
    {"audioCacheRead", "Tokens of sound read from the cache"},
    {"audioOutput", "Tokens of sound that the model made"},
    {"imageInput", "Tokens of images, where the provider tells them apart"},
    {"imageOutput", "Tokens of images that the model made"},
    {"acceptedPrediction", "Part of output: predicted tokens that the model took"},
    {"rejectedPrediction", "Part of output: predicted tokens that it did not take, which are paid for too"},
    {"total", "All of them, each once"},
    {"webSearchRequests", "Searches that the provider made"},
    {"webFetchRequests", "Pages that the provider fetched"},
    {"cost", "USD as a decimal, by the price table", R"("examples":["1.284065"])"},
    {"charge", "USD as a decimal: the cost as it was when the calls were made", R"("examples":["1.284065"])"},
    {"priced", "Whether the model had a price"},
    {"cached", "Whether the relay's own cache answered"},

    // Prices of kinds of tokens.
    {"Price.cacheRead", "USD per million tokens read from a cache", R"("examples":["0.20"])"},
    {"RateFields.cacheRead", "USD per million tokens read from a cache"},
    {"NewPriceFields.cacheRead",
     "USD per million tokens read from a cache; a tenth of the input with anthropic, else the input by "
     "default",
     R"("examples":["0.20"])"},
    {"Price.cacheWrite5m", "USD per million tokens written to a cache for five minutes",
     R"("examples":["5.00"])"},
    {"RateFields.cacheWrite5m", "USD per million tokens written to a cache for five minutes"},
    {"NewPriceFields.cacheWrite5m",
     "USD per million tokens written to a cache for five minutes; 1.25 times the input with anthropic, else "
     "the "
     "input by default",
     R"("examples":["5.00"])"},
    {"Price.cacheWrite1h", "USD per million tokens written to a cache for an hour", R"("examples":["8.00"])"},
    {"RateFields.cacheWrite1h", "USD per million tokens written to a cache for an hour"},
    {"NewPriceFields.cacheWrite1h",
     "USD per million tokens written to a cache for an hour; twice the input with anthropic, else the input "
     "by "
     "default",
     R"("examples":["8.00"])"},
    {"Price.audioInput", "USD per million tokens of audio input", R"("examples":["40.00"])"},
    {"RateFields.audioInput", "USD per million tokens of audio input; 0: as the input"},
    {"NewPriceFields.audioInput", "USD per million tokens of audio input; as the input by default",
     R"("examples":["40.00"])"},
    {"Price.audioCacheRead", "USD per million tokens of audio read from a cache", R"("examples":["40.00"])"},
    {"RateFields.audioCacheRead", "USD per million tokens of audio read from a cache; 0: as audio input"},
    {"NewPriceFields.audioCacheRead",
     "USD per million tokens of audio read from a cache; as audio input by default",
     R"("examples":["40.00"])"},
    {"Price.audioOutput", "USD per million tokens of audio that the model makes", R"("examples":["40.00"])"},
    {"RateFields.audioOutput", "USD per million tokens of audio that the model makes; 0: as the output"},
    {"NewPriceFields.audioOutput",
     "USD per million tokens of audio that the model makes; as the output by default",
     R"("examples":["40.00"])"},
    {"Price.imageInput", "USD per million tokens of image input", R"("examples":["40.00"])"},
    {"RateFields.imageInput", "USD per million tokens of image input; 0: as the input"},
    {"NewPriceFields.imageInput", "USD per million tokens of image input; as the input by default",
     R"("examples":["40.00"])"},
    {"Price.imageOutput", "USD per million tokens of images that the model makes", R"("examples":["40.00"])"},
    {"RateFields.imageOutput", "USD per million tokens of images that the model makes; 0: as the output"},
    {"NewPriceFields.imageOutput",
     "USD per million tokens of images that the model makes; as the output by default",
     R"("examples":["40.00"])"},
    {"Price.reasoning", "USD per million tokens of reasoning", R"("examples":["40.00"])"},
    {"RateFields.reasoning", "USD per million tokens of reasoning; 0: as the output"},
    {"NewPriceFields.reasoning", "USD per million tokens of reasoning; as the output by default",
     R"("examples":["40.00"])"},
});

}  // namespace

std::span<const FieldNote> usage_field_notes() { return kUsageNotes; }

}  // namespace relay
