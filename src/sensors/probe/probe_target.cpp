// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/probe_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "sensors/probe/function_probe.h"
#include "sensors/probe/tracefs.h"
#include "sensors/probe/tracepoint.h"
#include "sensors/probe/user_probe.h"

namespace outrider {

namespace {

// One row for each way to name a probe.
struct Form {
  std::string_view prefix;
  std::string_view usage;
  std::string_view doc;
  Result<ProbeDescription> (*find)(std::string_view target);  // without the prefix
  Result<std::vector<std::string>> (*list)(std::string_view target);
};

Result<std::vector<std::string>> list_tracepoints(std::string_view target) {
  if (target.ends_with(':')) target.remove_suffix(1);
  const auto events = TraceEvents::open();
  if (!events) return std::unexpected(events.error());
  if (target.find_first_of("./:") != std::string_view::npos) return std::vector<std::string>();
  std::vector<std::string> lines;
  for (const std::string& name : events->names(target)) {
    lines.push_back(target.empty() ? fmt::format("tp:{}", name)
                                   : fmt::format("tp:{}:{}", target, name));
  }
  return lines;
}

constexpr Form kForms[] = {
    {"tp:", "tp:CATEGORY:NAME", "a tracepoint of the kernel", find_tracepoint, list_tracepoints},
    {"uprobe:", "uprobe:PATH:FUNCTION", "a function of a program or library", find_user_function,
     nullptr},
    {"fn:", "fn:NAME", "a function of the kernel", find_kernel_function, nullptr},
    {"usdt:", "usdt:PATH:PROVIDER:PROBE", "a USDT probe of a program or library", find_usdt,
     list_usdt},
};

const Form* form_of(std::string_view word) {
  const auto* const found = std::ranges::find_if(
      kForms, [word](const Form& form) { return word.starts_with(form.prefix); });
  return found == std::end(kForms) ? nullptr : found;
}

}  // namespace

bool is_probe_target(std::string_view word) { return form_of(word) != nullptr; }

std::string probe_forms() {
  std::string text;
  for (const Form& form : kForms) {
    fmt::format_to(std::back_inserter(text), "  {:<28}{}\n", form.usage, form.doc);
  }
  return text;
}

Result<std::shared_ptr<ProbeKind>> find_probe(std::string_view target, wire_kind number) {
  const Form* form = form_of(target);
  if (form == nullptr) return fail(fmt::format("'{}' is no target of a probe", target));
  auto found = form->find(target.substr(form->prefix.size()));
  if (!found) return std::unexpected(found.error());
  return ProbeKind::create(number, std::move(*found));
}

Result<std::string> list_probes(std::string_view target) {
  const Form* form = form_of(target);
  if (form == nullptr || form->list == nullptr) {
    return fail(fmt::format("'{}' has no list", target), ExitCode::kBadInput);
  }
  const auto lines = form->list(target.substr(form->prefix.size()));
  if (!lines) return std::unexpected(lines.error());
  if (lines->empty()) {
    return fail(fmt::format("'{}' is not the beginning of anything", target), ExitCode::kBadInput);
  }
  return fmt::format("{}\n", fmt::join(*lines, "\n"));
}

}  // namespace outrider
