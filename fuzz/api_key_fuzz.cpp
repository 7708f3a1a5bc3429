// Any text is a key or is none; a key reads back as itself.
#include "domain/api_key.h"
#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const auto text = fuzz::text_of(data, size);
  const auto key = ApiKeySecret::parse(text);
  if (key.has_error()) {
    fuzz::require(key.error().kind() == ErrorKind::unauthorized, "refused as unauthorized");
    return 0;
  }
  fuzz::require(key->text() == text, "a key is its text");
  fuzz::require(text.starts_with("cr_") || text.starts_with("cuk_"), "a key has its prefix");
  fuzz::require(text.starts_with(key->prefix()), "prefix");
  fuzz::require(text.ends_with(key->suffix()), "suffix");
  fuzz::require(ApiKeyHash::of(*key).hex().size() == 64, "hash");
  return 0;
}
