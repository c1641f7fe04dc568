// SPDX-License-Identifier: Apache-2.0
#include "bpf/libbpf_messages.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdio>

namespace outrider {

namespace {

thread_local std::string* messages = nullptr;

constexpr std::size_t kMessageMax = 2000;  // bytes of one message that are kept

int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
  if (level > LIBBPF_WARN || messages == nullptr) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = ::vsnprintf(nullptr, 0, format, arguments);
  std::string text(static_cast<std::size_t>(std::max(length, 0)) + 1, '\0');
  ::vsnprintf(text.data(), text.size(), format, again);
  va_end(again);
  text.pop_back();
  if (text.size() > kMessageMax) text = "..." + text.substr(text.size() - kMessageMax);
  if (messages->size() < 4 * kMessageMax) *messages += text;
  return length;
}

}  // namespace

LibbpfMessages::LibbpfMessages() {
  messages = &text_;
  libbpf_set_print(keep_message);
}

LibbpfMessages::~LibbpfMessages() { messages = nullptr; }

}  // namespace outrider
