// SPDX-License-Identifier: Apache-2.0
#include "streams/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/nearest.h"
#include "language/transformers.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// Columns when several kinds are shown: what they have in common, and a summary.
constexpr std::string_view kMixedColumns[] = {"evt.time",  "evt.kind", "proc.pid",
                                              "proc.name", "evt.res",  "evt.info"};

std::vector<std::string_view> chosen_fields(const std::vector<const EventDescriptor*>& kinds,
                                            const Stream::Options& options) {
  if (!options.fields.empty()) {
    std::vector<std::string_view> names(options.fields.begin(), options.fields.end());
    if (options.format == Format::kColumns) return names;
    for (const std::string_view stack : options.stacks) {
      if (std::find(names.begin(), names.end(), stack) == names.end()) names.push_back(stack);
    }
    return names;
  }
  if (options.format == Format::kJson) return field_names_of(kinds);
  if (kinds.size() == 1) return {kinds[0]->columns.begin(), kinds[0]->columns.end()};
  return {std::begin(kMixedColumns), std::end(kMixedColumns)};
}

struct Indexed {
  std::string_view name;
  std::optional<std::size_t> index;
};

// "proc.aname[1]" in its parts.
Indexed parse_index(std::string_view text) {
  const std::size_t bracket = text.find('[');
  if (bracket == std::string_view::npos || !text.ends_with(']')) return {text, std::nullopt};
  const char* end = text.data() + text.size() - 1;
  std::size_t index = 0;
  const auto parsed = std::from_chars(text.data() + bracket + 1, end, index);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
  return {text.substr(0, bracket), whole ? std::optional(index) : std::nullopt};
}

const FieldWithArgument* find_with_argument(const EventDescriptor& kind, std::string_view name) {
  for (const FieldWithArgument* field : fields_with_argument_of(kind)) {
    if (field->descriptor.name == name) return field;
  }
  return nullptr;
}

// Why a field cannot be shown that only lacks the right index; "" if there is none of this name.
std::string wrong_index(const EventDescriptor& kind, std::string_view text) {
  const FieldWithArgument* field = find_with_argument(kind, parse_index(text).name);
  if (field == nullptr) return "";
  if (field->by_index.empty()) {
    if (field->descriptor.read != nullptr) {
      return fmt::format("--fields: '{}' with brackets is only for --where; '{}' shows all",
                         field->descriptor.name, field->descriptor.name);
    }
    return fmt::format("--fields: '{}' is only for --where", field->descriptor.name);
  }
  const std::string_view name = field->descriptor.name;
  const bool has_names = field->extras.argument == ArgumentUse::kNameOrPlace;
  return fmt::format("--fields: '{}' needs an index here, {}[0] to {}[{}]{}", text, name, name,
                     field->by_index.size() - 1,
                     has_names ? fmt::format(", or a name, {}.NAME", name) : "");
}

}  // namespace

const FieldDescriptor* Stream::find(const EventDescriptor& kind, std::string_view name) {
  if (const FieldDescriptor* field = find_field(kind, name)) return field;
  const Indexed parts = parse_index(name);
  const FieldWithArgument* field = find_with_argument(kind, parts.name);
  if (field != nullptr && field->descriptor.read != nullptr && parts.name == name) {
    return &field->descriptor;
  }
  if (field == nullptr || !parts.index || *parts.index >= field->by_index.size()) return nullptr;
  FieldDescriptor& descriptor = fields_.emplace_back(field->descriptor);
  descriptor.name = name;
  descriptor.column =
      headings_.emplace_back(fmt::format("{}[{}]", descriptor.column, *parts.index));
  descriptor.width =
      std::max(descriptor.width, static_cast<std::uint8_t>(descriptor.column.size()));
  descriptor.read = field->by_index[*parts.index];
  return &descriptor;
}

Result<std::unique_ptr<Stream>> Stream::create(std::vector<const EventDescriptor*> kinds,
                                               const Options& options, Output& output) {
  std::unique_ptr<Stream> stream(new Stream(options, output));
  stream->json_.resize(WIRE_KIND_LIMIT);
  stream->columns_.resize(WIRE_KIND_LIMIT);

  const std::vector<std::string_view> names = chosen_fields(kinds, stream->options_);
  std::vector<std::string_view> known = field_names_of(kinds);
  for (const EventDescriptor* kind : kinds) {
    for (const FieldDescriptor* field : derived_fields_of(*kind)) known.push_back(field->name);
  }
  for (auto each = names.begin(); each != names.end(); ++each) {
    const std::string_view name = *each;
    if (std::find(names.begin(), each, name) != each) {  // JSON has no key twice
      return fail(fmt::format("--fields: '{}' is there twice", name), ExitCode::kBadInput);
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (stream->find(*kinds[0], name) != nullptr) continue;
    if (const std::string message = wrong_index(*kinds[0], name); !message.empty()) {
      return fail(message, ExitCode::kBadInput);
    }
    return fail(unknown_name("--fields: no field", name, known,
                             fmt::format("outrider trace {} --help", kinds[0]->name)),
                ExitCode::kBadInput);
  }

  for (const EventDescriptor* kind : kinds) {
    std::vector<const FieldDescriptor*> fields;
    for (const std::string_view name : names) {
      const FieldDescriptor* field = stream->find(*kind, name);
      if (options.format == Format::kJson) {
        if (field != nullptr) fields.push_back(field);
        continue;
      }
      // The layout must be the same for all kinds: that of the first which has the field.
      FieldDescriptor column;
      for (const EventDescriptor* other : kinds) {
        if (const FieldDescriptor* model = stream->find(*other, name)) {
          column = *model;
          break;
        }
      }
      column.read = field != nullptr ? field->read : [](const Event&) { return Value::missing(); };
      stream->fields_.push_back(column);
      fields.push_back(&stream->fields_.back());
    }
    if (options.format == Format::kJson) {
      stream->json_[kind->kind] = std::make_unique<JsonWriter>(fields);
    } else {
      stream->columns_[kind->kind] = std::make_unique<ColumnsWriter>(
          fields, ColumnsWriter::Options{options.terminal_width, options.color});
    }
  }
  if (options.format == Format::kColumns && options.header) {
    stream->columns_[kinds[0]->kind]->append_header(output.buffer());
  }
  return stream;
}

bool Stream::write(const Event& event) {
  const std::uint16_t kind = event.header->kind;
  if (options_.format == Format::kJson) {
    json_[kind]->append(output_.buffer(), event);
  } else {
    columns_[kind]->append(output_.buffer(), event);
    append_stacks(event);
  }
  pending_.push_back(kind);
  if (output_.buffer().size() < Output::kLarge) return output_.error() == 0;
  return flush();
}

// One frame on a line, innermost first, and the event's own line before them.
void Stream::append_stacks(const Event& event) {
  auto out = std::back_inserter(output_.buffer());
  for (const std::string_view name : options_.stacks) {
    const FieldDescriptor* field = find_field(*event.descriptor, name);
    if (field == nullptr) continue;
    const std::string_view which = name.substr(name.rfind('.') + 1);
    const auto add = [&](std::string_view frame) {
      fmt::format_to(out, "    {:<6} {}\n", which, frame);
      pending_.push_back(WIRE_NONE);
    };
    const Value stack = field->read(event);
    if (stack.kind == Value::Kind::kUnknown) add("?");
    std::string_view rest = stack.text;
    for (std::string_view frame; next_item(rest, frame);) add(frame);
    if (stack.cut) add("...");
  }
}

bool Stream::flush() {
  const bool flushed = output_.flush();
  if (!flushed) count_unwritten();
  pending_.clear();
  return flushed;
}

void Stream::count_unwritten() {
  // Events of which all lines went out are delivered; the header is not an event, so count
  // from the end.
  const std::size_t lost = std::min(output_.unwritten_lines(), pending_.size());
  for (std::size_t i = pending_.size() - lost; i < pending_.size(); ++i) {
    if (pending_[i] != WIRE_NONE) ++unwritten_[pending_[i]];
  }
}

}  // namespace outrider
