// SPDX-License-Identifier: Apache-2.0
#include "streams/sugar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>

#include "language/lexer.h"

namespace outrider {

namespace {

constexpr std::size_t kLongestComm = 15;  // bytes that the kernel keeps of a thread's name

std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

// What is wrong with a value, or "".
std::string wrong_id(std::string_view value) {
  if (parse_id(value)) return "";
  return fmt::format("an id is a number up to {}", std::numeric_limits<std::uint32_t>::max());
}

std::string wrong_comm(std::string_view value) {
  if (value.size() <= kLongestComm) return "";
  return fmt::format("the kernel keeps {} bytes of a name; give '{}'", kLongestComm,
                     value.substr(0, kLongestComm));
}

std::string wrong_text(std::string_view) { return ""; }

// A value is that of one of the fields.
struct Row {
  std::string_view option;
  std::vector<std::string> Sugar::* values;
  std::vector<std::string_view> fields;
  std::string (*wrong)(std::string_view value);
};

const Row kRows[] = {
    {"--pid", &Sugar::pids, {"proc.pid"}, wrong_id},
    {"--comm", &Sugar::comms, {"proc.name"}, wrong_comm},
    {"--uid", &Sugar::uids, {"user.uid"}, wrong_id},
    {"--container", &Sugar::containers, {"container.name", "container.id"}, wrong_text},
    {"--namespace", &Sugar::namespaces, {"k8s.ns.name"}, wrong_text},
    {"--pod", &Sugar::pods, {"k8s.pod.name"}, wrong_text},
};

// Falco's: the id of the container of processes that are in none.
constexpr std::string_view kHostField = "container.id";
constexpr std::string_view kHostValue = "host";

bool is_excluded(std::string_view value) { return value.starts_with('!'); }

std::unexpected<Error> no_such_field(std::string_view option, std::string_view field) {
  return fail(fmt::format("{}: events do not tell this yet; there is no field '{}'", option, field),
              ExitCode::kBadInput);
}

// The condition that a field of `row` has one of these values.
void append_any(std::string& out, const Row& row, const std::vector<std::string>& values) {
  if (row.fields.size() > 1) out += '(';
  std::string_view between;
  for (const std::string_view field : row.fields) {
    fmt::format_to(std::back_inserter(out), "{}{} in (", between, field);
    between = " or ";
    std::string_view comma;
    for (const std::string& value : values) {
      fmt::format_to(std::back_inserter(out), "{}{}", comma, quoted_if_needed(value));
      comma = ", ";
    }
    out += ')';
  }
  if (row.fields.size() > 1) out += ')';
}

// Takes the values that are wanted, and not excluded, out of the list.
std::vector<std::string> take_wanted(std::vector<std::string>& values) {
  std::vector<std::string> wanted;
  std::ranges::copy_if(values, std::back_inserter(wanted), std::not_fn(is_excluded));
  std::erase_if(values, std::not_fn(is_excluded));
  return wanted;
}

}  // namespace

Result<std::string> condition_of(const Sugar& sugar, const FieldCatalog& catalog) {
  std::string condition;
  const auto begin_part = [&condition](std::string_view text) {
    if (!condition.empty()) condition += " and ";
    condition += text;
  };
  for (const Row& row : kRows) {
    std::vector<std::string> excluded = sugar.*row.values;
    if (excluded.empty()) continue;
    for (const std::string_view field : row.fields) {
      if (catalog.find(field) == nullptr) return no_such_field(row.option, field);
    }
    std::vector<std::string> wanted = take_wanted(excluded);
    for (std::string& value : excluded) value.erase(0, 1);
    for (const auto* values : {&wanted, &excluded}) {
      for (const std::string& value : *values) {
        if (value.empty()) {
          return fail(fmt::format("{}: a value is missing", row.option), ExitCode::kBadInput);
        }
        const std::string wrong = row.wrong(value);
        if (wrong.empty()) continue;
        return fail(fmt::format("{} {}: {}", row.option, value, wrong), ExitCode::kBadInput);
      }
    }
    if (!wanted.empty()) {
      begin_part("");
      append_any(condition, row, wanted);
    }
    if (!excluded.empty()) {
      begin_part("not ");
      append_any(condition, row, excluded);
    }
  }
  if (sugar.host) {
    if (catalog.find(kHostField) == nullptr) return no_such_field("--host", kHostField);
    begin_part("");
    fmt::format_to(std::back_inserter(condition), "{} = {}", kHostField, kHostValue);
  }
  return condition;
}

std::string both(std::string_view where, std::string_view sugar) {
  if (sugar.empty()) return std::string(where);
  if (where.empty()) return std::string(sugar);
  return fmt::format("({}) and {}", where, sugar);
}

}  // namespace outrider
