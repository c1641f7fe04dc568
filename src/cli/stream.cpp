// SPDX-License-Identifier: Apache-2.0
#include "cli/stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// Columns when several kinds are shown: what they have in common, and a summary.
constexpr std::string_view kMixedColumns[] = {"evt.time",  "evt.kind", "proc.pid",
                                              "proc.name", "evt.res",  "evt.info"};

std::vector<std::string_view> chosen_fields(const std::vector<const EventDescriptor*>& kinds,
                                            const Stream::Options& options) {
  if (!options.fields.empty()) return {options.fields.begin(), options.fields.end()};
  if (options.format == Format::kJson) return field_names_of(kinds);
  if (kinds.size() == 1) return {kinds[0]->columns.begin(), kinds[0]->columns.end()};
  return {std::begin(kMixedColumns), std::end(kMixedColumns)};
}

}  // namespace

Result<std::unique_ptr<Stream>> Stream::create(std::vector<const EventDescriptor*> kinds,
                                               const Options& options, Output& output) {
  std::unique_ptr<Stream> stream(new Stream(options, output));
  stream->json_.resize(WIRE_KIND_LIMIT);
  stream->columns_.resize(WIRE_KIND_LIMIT);

  const std::vector<std::string_view> names = chosen_fields(kinds, options);
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
    std::string message = fmt::format("--fields: no field '{}'", name);
    if (const auto near = nearest(name, known); !near.empty()) {
      message += fmt::format("; did you mean '{}'?", near);
    }
    message += fmt::format(" 'outrider trace {} --help' lists them", kinds[0]->name);
    return fail(message, ExitCode::kBadInput);
  }

  for (const EventDescriptor* kind : kinds) {
    std::vector<const FieldDescriptor*> fields;
    for (const std::string_view name : names) {
      const FieldDescriptor* field = find_field(*kind, name);
      if (options.format == Format::kJson) {
        if (field != nullptr) fields.push_back(field);
        continue;
      }
      // The layout must be the same for all kinds: that of the first which has the field.
      FieldDescriptor column;
      for (const EventDescriptor* other : kinds) {
        if (const FieldDescriptor* model = find_field(*other, name)) {
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
  }
  pending_.push_back(kind);
  if (output_.buffer().size() < Output::kLarge) return output_.error() == 0;
  return flush();
}

bool Stream::flush() {
  const bool flushed = output_.flush();
  if (!flushed) count_unwritten();
  pending_.clear();
  return flushed;
}

void Stream::count_unwritten() {
  // Whole lines that went out are delivered; the header is not an event, so count from
  // the end.
  const std::size_t lost = std::min(output_.unwritten_lines(), pending_.size());
  for (std::size_t i = pending_.size() - lost; i < pending_.size(); ++i) {
    ++unwritten_[pending_[i]];
  }
}

}  // namespace outrider
