// SPDX-License-Identifier: Apache-2.0
#include "agent/command_stream.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/cpu_timer.h"
#include "base/file_descriptor.h"
#include "streams/output.h"

namespace outrider {

// What has been asked of it, from any thread. The reply's reader may outlive the command.
class CommandStream::Wishes {
 public:
  Wishes() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  void add(Asker::Wish wish) {
    (wish == Asker::Wish::kEnd ? end_ : report_) = true;
    const std::uint64_t one = 1;
    std::ignore = ::write(event_.get(), &one, sizeof(one));
  }
  Asker::Wish take() {
    std::uint64_t count = 0;
    std::ignore = ::read(event_.get(), &count, sizeof(count));
    if (end_) return Asker::Wish::kEnd;
    return report_.exchange(false) ? Asker::Wish::kReport : Asker::Wish::kNothing;
  }
  [[nodiscard]] int descriptor() const { return event_.get(); }

 private:
  FileDescriptor event_;
  std::atomic<bool> report_ = false;
  std::atomic<bool> end_ = false;
};

// The reply as an output: it waits where its reader is slow, as a pipe does.
class CommandStream::Pipe : public Output {
 public:
  explicit Pipe(CommandStream& stream) : stream_(stream) {}

 protected:
  int write_out(std::string_view text, std::string_view& left) override {
    stream_.cpu_ = thread_cpu_time();
    stream_.begin();
    stream_.reply_->wait_for_room();
    const bool written = stream_.reply_->write(Channel::kOutput, text);
    left = written ? std::string_view() : text;
    return written ? 0 : EPIPE;
  }

 private:
  CommandStream& stream_;
};

class CommandStream::Reader : public Asker {
 public:
  explicit Reader(CommandStream& stream) : stream_(stream) {}

  [[nodiscard]] int descriptor() const override { return stream_.wishes_->descriptor(); }
  Wish next() override { return stream_.wishes_->take(); }
  void tell(std::string_view line) override {
    stream_.begin();
    stream_.reply_->write(Channel::kMessages, fmt::format("outrider: {}\n", line));
  }

 private:
  CommandStream& stream_;
};

CommandStream::CommandStream(Options options)
    : options_(std::move(options)),
      reply_(std::make_shared<ReplyStream>(options_.multiplexed, options_.room)),
      wishes_(std::make_shared<Wishes>()) {
  reply_->on_closed([wishes = wishes_] { wishes->add(Asker::Wish::kEnd); });
  thread_ = std::jthread([this] { run(); });
}

CommandStream::~CommandStream() {
  end();
  // Whoever does not read must not hold up the end.
  reply_->set_room(std::numeric_limits<std::size_t>::max());
}

void CommandStream::report() { wishes_->add(Asker::Wish::kReport); }
void CommandStream::end() { wishes_->add(Asker::Wish::kEnd); }

void CommandStream::begin() {
  if (!std::exchange(has_begun_, true)) options_.begun(reply_);
}

void CommandStream::run() {
  Pipe output(*this);
  Reader reader(*this);
  const auto code = options_.command.run(options_.words, options_.screen, output, reader);
  cpu_ = thread_cpu_time();
  if (code || has_begun_) {
    begin();
    if (!code) reader.tell(code.error().message);
    reply_->end(code ? *code : code.error().code);
  } else {
    options_.begun(std::unexpected(code.error()));
  }
  options_.ended();
}

}  // namespace outrider
