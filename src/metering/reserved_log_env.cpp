#include "metering/reserved_log_env.h"

#include <cerrno>
#include <cstdarg>
#include <memory>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace relay {
namespace {

leveldb::Status io_error(const std::string& name, int error) {
  return leveldb::Status::IOError(name, std::generic_category().message(error));
}

/// Gathers what LevelDB appends and writes it at each Flush(), which comes once per record of its log, into
/// room that was reserved: a write that fits into it can't fail for want of space.
class ReservedLog final : public leveldb::WritableFile {
 public:
  ReservedLog(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}
  ~ReservedLog() override { (void)close_file(); }

  leveldb::Status reserve(std::size_t bytes) {
    if (const int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes)))
      return io_error(name_, error);
    return {};
  }

  leveldb::Status Append(const leveldb::Slice& data) override {
    gathered_.append(data.data(), data.size());
    return {};
  }
  leveldb::Status Flush() override {
    std::string_view left(gathered_);
    while (!left.empty()) {
      const auto taken = ::write(descriptor_, left.data(), left.size());
      if (taken < 0 && errno == EINTR) continue;
      if (taken < 0) return io_error(name_, errno);
      written_ += taken;
      left.remove_prefix(static_cast<std::size_t>(taken));
    }
    gathered_.clear();
    return {};
  }
  leveldb::Status Sync() override {
    if (auto flushed = Flush(); !flushed.ok()) return flushed;
    return ::fdatasync(descriptor_) == 0 ? leveldb::Status() : io_error(name_, errno);
  }
  leveldb::Status Close() override { return close_file(); }

 private:
  leveldb::Status close_file() {
    if (descriptor_ < 0) return {};
    auto flushed = Flush();
    const bool cut = ::ftruncate(descriptor_, written_) == 0;
    const int error = errno;
    ::close(descriptor_);
    descriptor_ = -1;
    return cut ? flushed : io_error(name_, error);
  }

  const std::string name_;
  int descriptor_;
  std::string gathered_;
  off_t written_ = 0;
};

class SilentLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

}  // namespace

ReservedLogEnv::ReservedLogEnv(std::size_t bytes) : EnvWrapper(leveldb::Env::Default()), bytes_(bytes) {}

ReservedLogEnv::~ReservedLogEnv() {
  if (log_ >= 0) ::close(log_);
}

leveldb::Status ReservedLogEnv::NewWritableFile(const std::string& name, leveldb::WritableFile** file) {
  *file = nullptr;
  if (log_ >= 0 || !std::string_view(name).ends_with(".log")) return target()->NewWritableFile(name, file);
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(name, errno);
  auto log = std::make_unique<ReservedLog>(name, descriptor);
  if (auto status = log->reserve(bytes_); !status.ok()) return status;
  log_ = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (log_ < 0) return io_error(name, errno);
  *file = log.release();
  return {};
}

leveldb::Status ReservedLogEnv::NewLogger(const std::string&, leveldb::Logger** logger) {
  *logger = new SilentLogger();
  return {};
}

leveldb::Status ReservedLogEnv::sync() const {
  if (log_ < 0 || ::fdatasync(log_) == 0) return {};
  return io_error("usage journal", errno);
}

}  // namespace relay
