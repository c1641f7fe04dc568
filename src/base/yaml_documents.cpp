// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_documents.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <sstream>

namespace outrider {

namespace {

// Where documents begin, and nothing else.
class DocumentStart : public YAML::EventHandler {
 public:
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& start) override { mark = start; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// YAML 1.2, 9.1: three of them at the beginning of a line, alone or before a blank.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == marker.size() || line[marker.size()] == ' ' ||
                                      line[marker.size()] == '\t' || line[marker.size()] == '\r');
}

struct Part {
  std::string text;
  int first_line = 0;
};

// Such a line is a marker wherever it stands, also within a text in quotes or one of many lines.
std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts(1);
  int number = 0;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    std::string_view line = text.substr(at, end - at);
    at = end;
    std::string_view content = line;
    if (content.ends_with('\n')) content.remove_suffix(1);
    if (is_marker(content, "---")) parts.push_back({.text = {}, .first_line = number});
    if (is_marker(content, "...")) {
      parts.push_back({.text = {}, .first_line = number + 1});
      continue;
    }
    parts.back().text += line;
  }
  return parts;
}

}  // namespace

std::optional<YAML::Mark> second_yaml_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart start;
  for (int i = 0; i < 2; ++i) {
    if (!parser.HandleNextDocument(start)) return std::nullopt;
  }
  return start.mark;
}

std::vector<YamlDocument> yaml_documents(std::string_view text, std::optional<YamlError>& error) {
  std::vector<YamlDocument> documents;
  for (const Part& part : parts_of(text)) {
    try {
      if (const auto rest = second_yaml_document(part.text)) {
        error = {.line = part.first_line + rest->line,
                 .column = rest->column,
                 .sentence =
                     "what stands here belongs to nothing before it; look at the blanks "
                     "before this line and the one above"};
        return documents;
      }
      documents.push_back({.root = YAML::Load(part.text), .first_line = part.first_line});
    } catch (const YAML::Exception& exception) {
      error = {.line = part.first_line + exception.mark.line,
               .column = exception.mark.column,
               .sentence = exception.msg};
      return documents;
    }
  }
  return documents;
}

}  // namespace outrider
