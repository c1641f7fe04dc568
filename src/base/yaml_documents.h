// SPDX-License-Identifier: Apache-2.0
//
// Documents of a YAML text, one by one.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrider {

struct YamlDocument {
  YAML::Node root;
  int first_line = 0;  // of the text, from 0: to be added to the lines of its marks
};

// Where a text is no YAML, from 0, and why.
struct YamlError {
  int line = 0;
  int column = 0;
  std::string sentence;
};

// The documents of a text, which begin with lines of "---" and end with such of "...". Not by
// YAML::LoadAll, which makes empty documents without end of what cannot begin one. Throws nothing.
std::vector<YamlDocument> yaml_documents(std::string_view text, std::optional<YamlError>& error);

// Where in the text a document begins that is not the first.
std::optional<YAML::Mark> second_yaml_document(const std::string& text);

}  // namespace outrider
