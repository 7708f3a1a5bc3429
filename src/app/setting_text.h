// How the text of one setting becomes a value. An error is a sentence that goes behind the name.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Either a value, or what is wrong: "must be a whole number from 1 to 5, not 'x'".
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string wrong;
};

Parsed<std::int64_t> whole_number(std::string_view text, std::int64_t least, std::int64_t most);
/// "500ms", "5s", "2m", "1h": the unit is asked for, since a bare number is read wrong sooner or later.
Parsed<std::chrono::milliseconds> duration_text(std::string_view text, std::chrono::milliseconds least,
                                                std::chrono::milliseconds most);
/// "64KB", "32MB", "1GB", in powers of 1024.
Parsed<std::int64_t> byte_count(std::string_view text, std::int64_t least, std::int64_t most);
/// true, false, 1, 0, yes, no, on, off.
Parsed<bool> truth(std::string_view text);
/// scheme://host…, with one of `schemes`; a slash at the end is taken off. No user, query or fragment.
Parsed<std::string> web_address(std::string_view text, const std::vector<std::string_view>& schemes);
/// Parts between commas, trimmed, empty ones dropped.
std::vector<std::string> comma_list(std::string_view text);

/// Why `secret` must not be used: too short, a placeholder, too few different characters. Empty: good.
std::string weakness_of_secret(std::string_view secret);

}  // namespace relay
