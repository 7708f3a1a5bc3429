#include "redis/reply_reader.h"

#include "redis/redis_error.h"

#include <hiredis/read.h>

#include <new>

namespace relay {
namespace {

// A list grows as its items come, not by what its head promises: the parent of an item stays where it is
// meanwhile, since its own next sibling comes later. Null says "out of memory" to hiredis.
RedisReply* place_for(const redisReadTask* task, RedisReply::Kind kind) {
  auto& parts = *static_cast<std::size_t*>(task->privdata);
  if (++parts > ReplyReader::kReplyPartsMax) return nullptr;
  try {
    RedisReply* place = nullptr;
    if (task->parent == nullptr) {
      place = new RedisReply;
    } else {
      place = &static_cast<RedisReply*>(task->parent->obj)->items.emplace_back();
    }
    place->kind = kind;
    return place;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void* make_text(const redisReadTask* task, char* text, std::size_t size) {
  const auto kind = task->type == REDIS_REPLY_ERROR    ? RedisReply::Kind::error
                    : task->type == REDIS_REPLY_STATUS ? RedisReply::Kind::status
                                                       : RedisReply::Kind::text;
  auto* place = place_for(task, kind);
  if (place == nullptr) return nullptr;
  try {
    place->text.assign(text, size);
  } catch (const std::bad_alloc&) {
    if (task->parent == nullptr) delete place;
    return nullptr;
  }
  return place;
}

void* make_list(const redisReadTask* task, int) { return place_for(task, RedisReply::Kind::list); }

void* make_number(const redisReadTask* task, long long number) {
  auto* place = place_for(task, RedisReply::Kind::number);
  if (place != nullptr) place->number = number;
  return place;
}

void* make_nil(const redisReadTask* task) { return place_for(task, RedisReply::Kind::nil); }

void free_reply(void* reply) { delete static_cast<RedisReply*>(reply); }

redisReplyObjectFunctions functions{make_text, make_list, make_number, make_nil, free_reply};

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(&functions)) {
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = &parts_;
}

Result<> ReplyReader::feed(std::string_view bytes) {
  reply_bytes_ += bytes.size();
  if (reply_bytes_ > kReplyBytesMax) return redis_unavailable("a reply is too big");
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    return redis_unavailable(std::string("unreadable reply: ") + reader_->errstr);
  }
  return ok;
}

Result<std::optional<RedisReply>> ReplyReader::next() {
  void* object = nullptr;
  if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
    if (parts_ > kReplyPartsMax) return redis_unavailable("a reply has too many parts");
    return redis_unavailable(std::string("unreadable reply: ") + reader_->errstr);
  }
  if (object == nullptr) return std::optional<RedisReply>();
  const std::unique_ptr<RedisReply> reply(static_cast<RedisReply*>(object));
  parts_ = 0;
  reply_bytes_ = reader_->len - reader_->pos;
  return std::optional<RedisReply>(std::move(*reply));
}

}  // namespace relay
