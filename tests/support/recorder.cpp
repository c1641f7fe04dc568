// SPDX-License-Identifier: Apache-2.0
#include "support/recorder.h"

#include <fmt/format.h>
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <thread>

#include "language/checker.h"
#include "sensors/registry.h"
#include "workloads/process_fields.h"

namespace outrider {

namespace {

std::string text_of_value(const FieldDescriptor& field, const Value& value) {
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kUnknown:
      return "?";
    case Value::Kind::kUnsigned:
      if (field.type == FieldType::kOctal) {
        char text[32];
        std::snprintf(text, sizeof(text), "%04llo",
                      static_cast<unsigned long long>(value.unsigned_value));
        return text;
      }
      if (field.type == FieldType::kHex) return fmt::format("0x{:x}", value.unsigned_value);
      return std::to_string(value.unsigned_value);
    case Value::Kind::kSigned:
      return std::to_string(value.signed_value);
    case Value::Kind::kText:
      return std::string(value.text);
    case Value::Kind::kTextList: {
      std::string text(value.text);
      if (!text.empty() && text.back() == '\0') text.pop_back();
      for (char& character : text) {
        if (character == '\0') character = '|';
      }
      return text;
    }
  }
  return "";
}

bool is_read_now(const FieldDescriptor* field) {
  return std::ranges::find(process_now_fields(), field) != process_now_fields().end();
}

// Constants are in memory only once they have been touched, and what is not there the kernel does
// not fetch for our programs: which of them are there after a fork is chance. Touches them all.
__attribute__((no_sanitize("address"))) int touch_constants(dl_phdr_info* program, std::size_t,
                                                            void*) {
  constexpr std::size_t kPage = 4096;
  for (const auto& segment : std::span(program->dlpi_phdr, program->dlpi_phnum)) {
    if (segment.p_type != PT_LOAD || segment.p_flags != PF_R) continue;
    const auto address = program->dlpi_addr + segment.p_vaddr;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader has it as a number
    const auto* bytes = reinterpret_cast<const volatile char*>(address);
    for (std::size_t i = 0; i < segment.p_filesz; i += kPage) {
      [[maybe_unused]] const char read = bytes[i];
    }
  }
  return 1;  // Of the program itself, which comes first; not of its libraries.
}

}  // namespace

Recorder::Recorder(std::initializer_list<std::string_view> kinds, EngineOptions options,
                   std::string_view where, std::uint32_t stacks,
                   std::initializer_list<std::string_view> probe_fields) {
  auto selection = select(std::vector<std::string>(kinds.begin(), kinds.end()));
  if (!selection) {
    failed_ = selection.error().message;
    return;
  }
  selection_ = std::move(*selection);
  options.kinds = selection_.kinds;
  catalog_ = catalog_of(options.kinds);
  if (!where.empty()) {
    auto loaded = load(where, catalog_);
    if (!loaded) {
      failed_ = loaded.error().message;
      return;
    }
    condition_ = std::move(*loaded);
  }
  const auto asks_of_probes = [&](std::string_view field) {
    return std::ranges::find(probe_fields, field) != probe_fields.end();
  };
  for (const auto& probe : selection_.probes) {
    if (auto asked = probe->ask(asks_of_probes, stacks); !asked) {
      failed_ = asked.error().message;
      return;
    }
  }
  auto engine = Engine::start(options);
  if (!engine) {
    failed_ = engine.error().message;
    return;
  }
  engine_ = std::move(*engine);
  auto added = engine_->add({.kinds = options.kinds,
                             .calls = selection_.calls,
                             .condition = condition_ ? &*condition_ : nullptr,
                             .stacks = stacks,
                             .deliver = [this](const Event& event) { return deliver(event); }});
  if (!added) {
    failed_ = added.error().message;
    return;
  }
  consumer_ = *added;
}

Outcome Recorder::deliver(const Event& event) {
  Recorded recorded;
  for (const auto& fields : {fields_of(*event.descriptor), derived_fields_of(*event.descriptor)}) {
    for (const FieldDescriptor* field : fields) {
      if (!now_ && is_read_now(field)) continue;
      const Value value = field->read(event);
      if (value.kind == Value::Kind::kMissing) continue;
      recorded[std::string(field->name)] = text_of_value(*field, value);
      if (value.cut) recorded["cut"] += std::string(field->name) + " ";
    }
  }
  events_.push_back(std::move(recorded));
  return Outcome::kDelivered;
}

pid_t Recorder::run(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::dl_iterate_phdr(&touch_constants, nullptr);
    ::_exit(work());
  }
  // Read while it works, so that nothing is lost, and for two watermarks after.
  while (::waitpid(child, &status_, WNOHANG) == 0) {
    engine_->drain();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto end = std::chrono::steady_clock::now() + 2 * kWatermark;
  while (std::chrono::steady_clock::now() < end || !engine_->idle()) {
    engine_->drain();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (std::chrono::steady_clock::now() > end + std::chrono::seconds(2)) break;
  }
  return child;
}

std::vector<Recorded> Recorder::events(pid_t pid, std::string_view kind) const {
  std::vector<Recorded> found;
  for (const Recorded& event : events_) {
    if (event.at("proc.pid") != std::to_string(pid)) continue;
    if (!kind.empty() && event.at("evt.kind") != kind) continue;
    found.push_back(event);
  }
  return found;
}

Account Recorder::finish() {
  engine_->finish();
  return engine_->account(consumer_);
}

}  // namespace outrider
