#include "app/secret_file.h"

#include "base/random.h"
#include "text/base64.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace relay {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Error unreadable_secret(const std::string& path, const std::string& what) {
  return Error(ErrorKind::unavailable, "secret_unreadable", path + ": " + what);
}

Error from_system(const std::string& path, const char* verb) {
  return unreadable_secret(path, std::string("cannot ") + verb + " it: " + std::strerror(errno));
}

// Nothing when there is no file.
Result<std::optional<std::string>> read_secret(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<std::string>();
    return from_system(path, "open");
  }
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0) return from_system(path, "look at");
  if (!S_ISREG(facts.st_mode)) return unreadable_secret(path, "is not a file");
  if ((facts.st_mode & 0077) != 0) {
    return unreadable_secret(path, "others than its owner may read it. Run `chmod 600 " + path + "`");
  }
  std::array<char, 4096> buffer;
  const auto bytes = ::read(file.number(), buffer.data(), buffer.size());
  if (bytes < 0) return from_system(path, "read");
  std::string secret(buffer.data(), static_cast<std::size_t>(bytes));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty())
    return unreadable_secret(path, "is empty. Put the secret back from a backup; a new one would not fit");
  return std::optional(std::move(secret));
}

// Written whole under another name, then linked: nobody ever reads half a secret, and the first of two
// processes wins.
Result<> write_secret(const std::string& path, const std::string& secret) {
  const auto beside = path + "." + std::to_string(::getpid());
  {
    const Descriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return from_system(beside, "make");
    const auto text = secret + "\n";
    const auto written = ::write(file.number(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.number()) != 0) {
      auto failure = from_system(beside, "write");
      ::unlink(beside.c_str());
      return failure;
    }
  }
  const int linked = ::link(beside.c_str(), path.c_str());
  const int reason = errno;
  ::unlink(beside.c_str());
  errno = reason;
  if (linked != 0 && reason != EEXIST) return from_system(path, "make");
  return {};
}

}  // namespace

Result<std::string> kept_secret(const std::string& path, Random& random) {
  TRY(auto kept, read_secret(path));
  if (kept) return *std::move(kept);

  std::array<std::byte, 32> bytes;
  random.fill(bytes);
  const auto secret = to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  CHECK(write_secret(path, secret));
  TRY(auto now_kept, read_secret(path));
  if (!now_kept) return unreadable_secret(path, "has gone again");
  return *std::move(now_kept);
}

}  // namespace relay
