// SPDX-License-Identifier: Apache-2.0
#include "streams/recording_sink.h"

#include <algorithm>
#include <string_view>

namespace outrider {

void RecordingSink::begin(const RecordingHeader& header, Engine& engine) {
  writer_ = std::make_unique<RecordingWriter>(header, engine.processes(), engine.workloads(),
                                              [this](std::string_view bytes) { take(bytes); });
}

bool RecordingSink::write(const Event& event) {
  // The frame that goes out before this event is not its own.
  writer_->write(event);
  ++pending_[event.header->kind];
  return output_.error() == 0;
}

bool RecordingSink::end_frame(const Account& account) {
  if (output_.error() == 0) writer_->flush(account);
  return output_.error() == 0;
}

bool RecordingSink::finish(const Account& account) {
  if (output_.error() == 0) writer_->finish(account);
  return output_.error() == 0;
}

void RecordingSink::take(std::string_view bytes) {
  output_.buffer().append(bytes);
  const bool written = output_.flush();
  if (written) bytes_ += bytes.size();
  for (std::size_t kind = 0; kind < pending_.size(); ++kind) {
    (written ? events_ : unwritten_[kind]) += pending_[kind];
  }
  std::ranges::fill(pending_, 0);
}

}  // namespace outrider
