#include "metering/mapped_log_env.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace relay {
namespace {

constexpr std::size_t kGrowBytes = 256U << 10;

leveldb::Status io_error(const std::string& name, int error) {
  return leveldb::Status::IOError(name, std::generic_category().message(error));
}

/// Appends through a mapping of [mapped_at_, mapped_at_ + mapped_bytes_) of the file.
class MappedLog final : public leveldb::WritableFile {
 public:
  MappedLog(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}
  ~MappedLog() override { (void)close_file(); }

  /// Reserved before it is mapped: a write to a hole of a full disk would be a SIGBUS.
  leveldb::Status map(std::size_t bytes) {
    unmap();
    const auto at = mapped_at_ + mapped_bytes_;
    if (const int error = ::posix_fallocate(descriptor_, static_cast<off_t>(at), static_cast<off_t>(bytes))) {
      return io_error(name_, error);
    }
    void* memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, static_cast<off_t>(at));
    if (memory == MAP_FAILED) return io_error(name_, errno);
    memory_ = static_cast<char*>(memory);
    mapped_at_ = at;
    mapped_bytes_ = bytes;
    used_ = 0;
    return {};
  }

  leveldb::Status Append(const leveldb::Slice& data) override {
    std::string_view left(data.data(), data.size());
    while (!left.empty()) {
      if (memory_ == nullptr || used_ == mapped_bytes_) {
        if (auto status = map(kGrowBytes); !status.ok()) return status;
      }
      const auto count = std::min(left.size(), mapped_bytes_ - used_);
      std::memcpy(memory_ + used_, left.data(), count);
      used_ += count;
      left.remove_prefix(count);
    }
    return {};
  }
  leveldb::Status Flush() override { return {}; }
  // fdatasync writes the pages that were changed through a mapping too: Linux marks them dirty at the first
  // write.
  leveldb::Status Sync() override {
    return ::fdatasync(descriptor_) == 0 ? leveldb::Status() : io_error(name_, errno);
  }
  leveldb::Status Close() override { return close_file(); }

 private:
  void unmap() {
    if (memory_ != nullptr) ::munmap(memory_, mapped_bytes_);
    memory_ = nullptr;
  }
  leveldb::Status close_file() {
    if (descriptor_ < 0) return {};
    unmap();
    const auto end = static_cast<off_t>(mapped_at_ + used_);
    const bool cut = ::ftruncate(descriptor_, end) == 0;
    const int error = errno;
    ::close(descriptor_);
    descriptor_ = -1;
    return cut ? leveldb::Status() : io_error(name_, error);
  }

  const std::string name_;
  int descriptor_;
  char* memory_ = nullptr;
  std::size_t mapped_at_ = 0;
  std::size_t mapped_bytes_ = 0;
  std::size_t used_ = 0;
};

class SilentLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

}  // namespace

MappedLogEnv::MappedLogEnv(std::size_t bytes) : EnvWrapper(leveldb::Env::Default()), bytes_(bytes) {}

MappedLogEnv::~MappedLogEnv() {
  if (log_ >= 0) ::close(log_);
}

leveldb::Status MappedLogEnv::NewWritableFile(const std::string& name, leveldb::WritableFile** file) {
  *file = nullptr;
  if (log_ >= 0 || !std::string_view(name).ends_with(".log")) return target()->NewWritableFile(name, file);
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(name, errno);
  auto log = std::make_unique<MappedLog>(name, descriptor);
  if (auto status = log->map(bytes_); !status.ok()) return status;
  log_ = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (log_ < 0) return io_error(name, errno);
  *file = log.release();
  return {};
}

leveldb::Status MappedLogEnv::NewLogger(const std::string&, leveldb::Logger** logger) {
  *logger = new SilentLogger();
  return {};
}

leveldb::Status MappedLogEnv::sync() const {
  if (log_ < 0 || ::fdatasync(log_) == 0) return {};
  return io_error("usage journal", errno);
}

}  // namespace relay
