#include "store/copy_progress.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace relay {
namespace {

Error unwritable() {
  return Error(ErrorKind::unavailable, "copy_progress", "Cannot write how far the copy is");
}

}  // namespace

CopyProgress::~CopyProgress() {
  if (lock_ < 0) return;
  ::unlink(lock_file().c_str());
  ::close(lock_);
}

// A file beside it, for note() puts a new one in its place.
Result<> CopyProgress::lock() {
  const int file = ::open(lock_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return unwritable();
  struct stat known {};
  // Without a name: the process that had it is just ending, and a third one may have made another.
  if (::flock(file, LOCK_EX | LOCK_NB) != 0 || ::fstat(file, &known) != 0 || known.st_nlink == 0) {
    ::close(file);
    return Error(ErrorKind::conflict, "copy_running", "The same copy is running already");
  }
  lock_ = file;
  std::ifstream in(file_, std::ios::binary);
  goes_on_ = in.good() && std::getline(in, id_) && std::getline(in, table_);
  if (goes_on_) {
    std::getline(in, place_, '\0');
  } else {
    id_.clear();
  }
  return {};
}

void CopyProgress::begin_anew(std::string id) {
  id_ = std::move(id);
  table_.clear();
  place_.clear();
  goes_on_ = false;
}

bool CopyProgress::is_past(std::string_view table) {
  if (!goes_on_ || reached_) return false;
  reached_ = table == table_;
  return !reached_;
}

Result<> CopyProgress::note(std::string_view table, std::string_view place) {
  table_ = table;
  place_ = place;
  const auto fresh = file_ + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << id_ << '\n' << table_ << '\n' << place_;
    out.flush();
    if (!out) return unwritable();
  }
  if (std::rename(fresh.c_str(), file_.c_str()) != 0) return unwritable();
  return {};
}

void CopyProgress::done() { std::remove(file_.c_str()); }

}  // namespace relay
