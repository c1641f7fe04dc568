// SPDX-License-Identifier: Apache-2.0
//
// An expression up to the first newline, judged with the rest as the values of its fields: no
// value may break it, and a negation is always the opposite.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "events/event.h"
#include "fuzz/require.h"
#include "language/checker.h"
#include "language/evaluator.h"

namespace {

using namespace outrider;

std::array<Value, 6> values;

template <std::size_t kNumber>
Value read(const Event&) {
  return values[kNumber];
}

Value read_with_argument(const Event& event, const FieldArgument& argument) {
  Value value = read<2>(event);
  value.kind = argument.given ? Value::Kind::kText : Value::Kind::kTextList;
  return value;
}

const FieldCatalog& catalog() {
  constexpr auto field = [](std::string_view name, FieldType type, Value (*reader)(const Event&)) {
    return FieldDescriptor{.name = name,
                           .type = type,
                           .unit = "",
                           .doc = "",
                           .column = "",
                           .width = 1,
                           .read = reader};
  };
  static const FieldDescriptor fields[] = {
      field("a.n", FieldType::kUnsigned, read<0>), field("a.s", FieldType::kSigned, read<0>),
      field("a.m", FieldType::kOctal, read<0>),    field("a.t", FieldType::kText, read<1>),
      field("a.p", FieldType::kPath, read<2>),     field("a.l", FieldType::kTextList, read<3>),
      field("a.f", FieldType::kText, read<4>),     field("a.i", FieldType::kText, read<2>),
  };
  static const FieldCatalog made = [] {
    FieldCatalog catalog;
    for (const FieldDescriptor& descriptor : fields) {
      FieldExtras extras;
      extras.flags = descriptor.name == "a.f";
      if (descriptor.name == "a.i") {
        extras.argument = ArgumentUse::kOptionalIndex;
        extras.read = read_with_argument;
      }
      catalog.add(WIRE_OPEN, descriptor, extras);
    }
    return catalog;
  }();
  return made;
}

// A value of any kind; the first byte says which, and whether it was cut.
Value value_from(std::string_view bytes, bool list) {
  if (bytes.empty()) return Value::missing();
  const auto kind = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  if (kind % 8 == 0) return Value::missing();
  if (kind % 8 == 1) return Value::unknown();
  Value value = Value::of_text(bytes, kind % 8 == 2);
  if (list) value.kind = Value::Kind::kTextList;
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string expression(input.substr(0, end));
  std::string_view rest = input.substr(std::min(end + 1, input.size()));

  const auto condition = load(expression, catalog());
  if (!condition) return 0;
  const auto negated = load("not (" + expression + ")", catalog());
  // One level more may be one too many.
  if (!negated) return 0;

  std::uint64_t number = 0;
  std::memcpy(&number, rest.data(), std::min(rest.size(), sizeof number));
  values[0] = number % 5 == 0 ? Value::missing()
              : number % 2    ? Value::of_unsigned(number)
                              : Value::of_signed(static_cast<std::int64_t>(number));
  // The others, separated by newlines as well.
  for (std::size_t i = 1; i < values.size(); ++i) {
    const std::size_t size_of_one = std::min(rest.find('\n'), rest.size());
    values[i] = value_from(rest.substr(0, size_of_one), /*list=*/i == 3);
    rest.remove_prefix(std::min(size_of_one + 1, rest.size()));
  }

  wire_header header{};
  header.kind = WIRE_OPEN;
  Arena arena;
  Event event;
  event.header = &header;
  event.arena = &arena;
  const bool holds = evaluate(*condition, event);
  require(evaluate(*condition, event) == holds, "judged twice, it is the same");
  require(evaluate(*negated, event) != holds, "a negation is the opposite");
  return 0;
}
