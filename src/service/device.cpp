#include "service/device.h"

#include "text/ip_address.h"

#include <algorithm>

namespace relay {

std::string throttle_name(const std::string& address) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed || parsed->is_v4()) return address;
  auto bytes = parsed->bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return IpAddress::from_bytes(bytes).text() + "/64";
}

std::string device_words(const std::string& user_agent) {
  struct Mark {
    std::string_view text;
    const char* name;
  };
  // The more particular first: Edge names Chrome, and Chrome names Safari.
  static constexpr Mark programs[] = {{"Edg", "Edge"},
                                      {"OPR/", "Opera"},
                                      {"Firefox/", "Firefox"},
                                      {"Chrome/", "Chrome"},
                                      {"CriOS/", "Chrome"},
                                      {"FxiOS/", "Firefox"},
                                      {"Safari/", "Safari"},
                                      {"curl/", "curl"},
                                      {"python-", "Python"},
                                      {"node", "Node.js"},
                                      {"undici", "Node.js"},
                                      {"Go-http-client", "Go"},
                                      {"claude-cli", "Claude Code"}};
  static constexpr Mark systems[] = {{"iPhone", "iPhone"},   {"iPad", "iPad"},    {"Android", "Android"},
                                     {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"CrOS", "ChromeOS"},
                                     {"Linux", "Linux"}};
  const auto find = [&user_agent](const auto& marks) -> std::string {
    for (const auto& mark : marks) {
      if (user_agent.find(mark.text) != std::string::npos) return mark.name;
    }
    return "";
  };
  auto program = find(programs);
  const auto system = find(systems);
  if (program.empty() && system.empty()) return "Unknown device";
  if (program.empty()) return "Unknown program on " + system;
  return system.empty() ? program : program + " on " + system;
}

std::string device_fingerprint(const Device& device) {
  std::string program;
  for (const char c : device.user_agent.substr(0, 512)) {
    if (!(c >= '0' && c <= '9') && c != '.') program += c;
  }
  return throttle_name(device.address) + "\n" + program;
}

}  // namespace relay
